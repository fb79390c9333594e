"""Readers. The first parameter of each is who asks: loading is authorising."""
