"""Conversations and their timeline: messages, notes, side messages, deliveries, drafts, read marks.

Writes ConversationEntry through timeline.append only; may import inboxes and below.
"""
