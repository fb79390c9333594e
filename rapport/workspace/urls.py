"""Addresses of the agent's screens."""

from django.urls import path

from rapport.workspace.views import (
    answer,
    bulk,
    conversation,
    customers,
    drafts,
    files,
    images,
    inbox,
    menus,
    new,
    original,
    search,
    sending,
    state,
    tables,
    trays,
)

_message = "conversations/<id:number>/messages/<id:message>/"

urlpatterns = [
    path("", inbox.home, name="home"),
    path("inbox/<slug:key>", inbox.inbox, name="inbox-view"),
    path("inbox/<slug:key>.csv", tables.of_view, name="inbox-view-csv"),
    path("counts", inbox.counts, name="counts"),
    path("bulk", bulk.bulk, name="bulk"),
    path("search", search.search, name="search"),
    path("search.csv", tables.of_search, name="search-csv"),
    path("new", new.new, name="new"),
    path("new/draft", drafts.draft, name="new-draft"),
    path("trays", trays.trays, name="trays"),
    path("trays/<slug:key>", trays.trays, name="tray"),
    path("trays/<slug:key>.csv", tables.of_tray, name="tray-csv"),
    path("trays/<id:pk>/decision", trays.decide, name="tray-decision"),
    path("trays/<id:pk>/source", trays.source, name="tray-source"),
    path("customers/<id:pk>", customers.customer, name="customer"),
    path("customers/<id:pk>/addresses", customers.add_address, name="customer-address-add"),
    *(
        path(
            f"customers/<id:pk>/addresses/<id:identity>/{act}",
            customers.change_address,
            {"act": act},
            name=f"customer-address-{act}",
        )
        for act in customers.ACTS
    ),
    path("conversations/<id:number>", conversation.conversation, name="conversation"),
    path("conversations/<id:number>/panel", conversation.panel, name="panel"),
    path("conversations/<id:number>/menus/<slug:which>", menus.menu, name="menu"),
    path("menus/account", menus.account, name="account-menu"),
    path("colleagues", menus.colleagues, name="colleagues"),
    path("conversations/<id:number>/entries", conversation.entries, name="entries"),
    path("conversations/<id:number>/reply", answer.reply, name="reply"),
    path("conversations/<id:number>/note", answer.note, name="note"),
    path("conversations/<id:number>/forward", answer.forward, name="forward"),
    path("conversations/<id:number>/draft", drafts.draft, name="draft"),
    *(
        path(f"conversations/<id:number>/{name}", state.change, {"name": name}, name=f"change-{name}")
        for name in state.ACTS
    ),
    path(f"{_message}undo", sending.undo, name="undo-send"),
    *(
        path(f"{_message}{act}", sending.mend, {"act": act}, name=f"{act}-delivery")
        for act in ("retry", "address", "skip")
    ),
    path(f"{_message}accept", sending.accept, name="accept-sender"),
    path(f"{_message}original", original.original, name="original"),
    path(f"{_message}source", original.source, name="source"),
    path(f"{_message}images", images.load_images, name="load-images"),
    path(f"{_message}remote", images.remote, name="remote-image"),
    path(f"{_message}files.zip", files.all_of_message, name="files-of-message"),
    path("conversations/<id:number>/files", files.all_of_conversation, name="files-of-conversation"),
    path("conversations/<id:number>/files.zip", files.zip_of_conversation, name="zip-of-conversation"),
    path("files/preview", files.preview, name="file-preview"),
    path("files", files.upload, name="upload"),
    path("files/<id:pk>/remove", files.remove, name="remove-file"),
    path("files/<id:pk>/<str:name>", files.show, name="file"),
]
