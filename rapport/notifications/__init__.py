"""Who is told what, where: bell list, desktop, mail.

Reacts to timelines, writes none; may import channels and below.
"""
