"""Views of the workspace: parse, query, action, one partial. One file per thing a person does."""
