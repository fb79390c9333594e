"""The demo company as a story: pure data and a seeded generator, without Django."""

from rapport.demo.story.files import content
from rapport.demo.story.mime import message_id, raw
from rapport.demo.story.model import Story
from rapport.demo.story.telling import tell

__all__ = ["Story", "content", "message_id", "raw", "tell"]
