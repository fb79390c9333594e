"""What customers write about: for each topic its kind of contact, inbox, product and usual companions."""

from __future__ import annotations

from dataclasses import dataclass

from rapport.demo.story.model import FileKind, Kind


@dataclass(frozen=True, slots=True)
class Topic:
    """``group`` chooses follow-ups and notes; ``files`` come with the first mail, ``answer_files`` later."""

    key: str
    kind: Kind
    inbox: str
    group: str
    product: str
    weight: float
    tags: tuple[str, ...] = ()
    files: tuple[FileKind, ...] = ()
    answer_files: tuple[FileKind, ...] = ()
    country: str = ""
    company: bool = False
    winter: float = 1.0


_KINDS: dict[str, Kind] = {
    "i": "inquiry",
    "c": "complaint",
    "t": "technical_problem",
    "r": "return",
    "p": "praise",
    "f": "feedback",
    "k": "task",
}
_INBOXES = {
    "sup": "landstrich-support",
    "ord": "landstrich-orders",
    "ret": "landstrich-returns",
    "biz": "landstrich-business",
    "hel": "zweitgang-hello",
    "sel": "zweitgang-sell",
}

# key, kind, inbox, group, product, weight, tags,
# then: +files of the first mail, >files of the answer, =country, b for firms only, w winter factor
_TABLE = """
parcel_where i ord delivery any 6 delivery w2.2
tracking_stuck i ord delivery any 3.5 delivery w1.8
delivered_not_here c ord delivery any 2 delivery w1.6
order_change k ord delivery any 2 order
order_cancel k ord delivery any 2 order
address_change k ord delivery any 2 order w1.5
bike_delivery_date i ord delivery bike 2 delivery
missing_parts c ord delivery bike 2 delivery +photo
damaged_parcel c ord delivery any 2 damage +photo,photo w1.4
wrong_item c ret returns gear 2 returns +photo w1.3
partial_delivery i ord delivery gear 1.5 delivery
click_collect i ord delivery gear 2 shop w1.3
preorder_delay i ord delivery bike 1.3 delivery
customs_ch i ord money any 1 customs =CH
gift_before_christmas i ord delivery gear 0.4 delivery w12
invoice_copy k ord money any 3 invoice >invoice
vat_id k ord money any 1 invoice >invoice b
double_charge c ord money any 1.5 payment +screenshot
discount_code t sup money gear 3 voucher
voucher_lost i sup money any 1.3 voucher w1.6
gift_card_balance i sup money any 1 voucher w1.6
leasing i biz business bike 1.6 leasing
refund_where i ret returns gear 3 refund w1.5
payment_failed t sup money any 1.5 payment +screenshot
wrong_size r ret returns clothing 4 returns w1.4
return_label r ret returns gear 3 returns w1.5
return_late r ret returns gear 1 returns w1.8
exchange_colour r ret returns clothing 1.5 returns
return_reduced c ret returns gear 1 refund
light_warranty t sup technical light 1.8 warranty w1.8
damaged_frame c sup technical bike 1.5 warranty +photo,photo
zipper_broken r ret returns clothing 1.3 warranty +photo
brake_squeak t sup technical bike 3 brakes
spoke_tension t sup technical bike 1.5 wheels
gears_skip t sup technical bike 2 drivetrain
battery_range t sup technical ebike 2 e-bike w1.7
battery_recall i sup technical ebike 2 e-bike +photo
display_error t sup technical ebike 1.8 e-bike +log
assembly_help t sup technical bike 2 assembly
tubeless t sup technical bike 1.2 wheels
frame_size i sup technical bike 3 sizing w0.6
compat_part i sup technical part 2 parts
workshop_appointment i sup technical bike 2.2 workshop w0.6
creaking t sup technical bike 1.4 drivetrain
tent_leak t sup technical tent 1.2 warranty +photo w0.4
spare_part i sup technical part 2 parts
newsletter_unsub k sup account any 2 newsletter
account_login t sup account any 2 account
data_request k sup account any 0.7 privacy
email_change k sup account any 1 account
praise_service p sup account any 1.8 praise
praise_bike p sup account bike 1.8 praise
feedback_packaging f sup account gear 1.5 packaging
feedback_site f sup account any 1.5 website +screenshot
complaint_phone c sup account any 1.4 hotline w1.5
shop_hours i sup account any 1.4 shop
lost_property i sup account any 0.6 shop
job_application i sup account any 0.6 application +pdf
club_request i biz business any 0.7 club
fleet_enquiry i biz business ebike 1.8 fleet b
fleet_service k biz business ebike 1 fleet b
purchase_order k biz business bike 1 fleet +pdf >invoice b
quote_followup i biz business ebike 1 fleet >pdf b
zg_condition i hel zweitgang bike 2.6 refurbished
zg_history i hel zweitgang bike 1.3 refurbished >pdf
zg_warranty t hel zweitgang bike 1.8 refurbished,warranty
zg_reserve i hel zweitgang bike 1.4 refurbished
zg_sell i sel zweitgang bike 13 buy-back +photo,photo
zg_payout i sel zweitgang bike 6 buy-back
"""


def _topic(line: str) -> Topic:
    key, kind, inbox, group, product, weight, tags, *extras = line.split()
    files: dict[str, tuple[FileKind, ...]] = {"+": (), ">": ()}
    country, company, winter = "", False, 1.0
    for extra in extras:
        if extra[0] in files:
            files[extra[0]] = tuple(extra[1:].split(","))  # type: ignore[arg-type]
        elif extra[0] == "=":
            country = extra[1:]
        elif extra == "b":
            company = True
        else:
            winter = float(extra[1:])
    return Topic(
        key,
        _KINDS[kind],
        _INBOXES[inbox],
        group,
        product,
        float(weight),
        tuple(tags.split(",")),
        files["+"],
        files[">"],
        country,
        company,
        winter,
    )


TOPICS: dict[str, Topic] = {topic.key: topic for topic in map(_topic, _TABLE.strip().splitlines())}
