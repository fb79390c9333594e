"""The demo company: its story, its builder, the local mail server and the customer's mailbox.

Refuses to run beside a real address; calls public actions only; may import everything below config.
"""
