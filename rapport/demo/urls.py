"""Addresses of the demo's own pages."""

from django.urls import path

from rapport.demo.views import mail, people

urlpatterns = [
    path("demo", people.people, name="demo"),
    path("demo/sign-in/<id:pk>", people.sign_in, name="demo-sign-in"),
    path("demo/mail", mail.mailbox, name="demo-mail"),
    path("demo/mail/threads", mail.thread_list, name="demo-threads"),
    path("demo/mail/<id:pk>", mail.thread, name="demo-thread"),
    path("demo/mail/<id:pk>/letters", mail.letter_list, name="demo-letters"),
    path("demo/mail/<id:pk>/files/<id:number>", mail.file, name="demo-file"),
]
