"""Replies as mail programs in many languages write them."""

import time

import pytest

from rapport.kernel.text import quotes
from rapport.kernel.text.paragraphs import without_quotes

OWN = "Danke, das hilft mir.\nIch melde mich wieder."

INTRODUCTIONS = [
    "On Mon, Apr 2, 2012 at 6:26 PM, Megan One <xxx@example.com> wrote:",
    "On Mon, Apr 2, 2012 at 6:26 PM Megan One <\nxxx@example.com> wrote:",
    "On 2 Apr 2012, at 18:26, Megan One <xxx@example.com> wrote:",
    "On 02/04/2012 18:26, Megan One wrote:",
    "On Monday, April 2nd, 2012 at 6:26 PM, Megan One <xxx@example.com> wrote:",
    "Am 02.04.2012 um 18:26 schrieb Megan One <xxx@example.com>:",
    "Am Mo., 2. Apr. 2012 um 18:26 Uhr schrieb Megan One <\nxxx@example.com>:",
    "Am Montag, dem 02.04.2012 um 18:26 +0200 schrieb Megan One:",
    "Megan One <xxx@example.com> schrieb am Mo., 2. Apr. 2012, 18:26:",
    "Le lun. 2 avr. 2012 à 18:26, Megan One <xxx@example.com> a écrit :",
    "Le 02/04/2012 à 18:26, Megan One a écrit :",
    "El lun, 2 abr 2012 a las 18:26, Megan One (<xxx@example.com>) escribió:",
    "El 2/4/2012 a las 18:26, Megan One escribió:",
    "Il giorno lun 2 apr 2012 alle ore 18:26 Megan One <xxx@example.com>\nha scritto:",
    "Il 02/04/2012 18:26, Megan One ha scritto:",
    "Em seg., 2 de abr. de 2012 às 18:26, Megan One <xxx@example.com> escreveu:",
    "Em 02/04/2012 18:26, Megan One escreveu:",
    "Megan One <xxx@example.com> escreveu no dia segunda, 2/04/2012 à(s)\n18:26:",
    "Op ma 2 apr. 2012 om 18:26 schreef Megan One <xxx@example.com>:",
    "Op 2 apr. 2012 om 18:26 heeft Megan One <xxx@example.com> het volgende geschreven:",
    "pon., 2 kwi 2012 o 18:26 Megan One <xxx@example.com> napisał(a):",
    "W dniu 02.04.2012 o 18:26, Megan One pisze:",
    "Dnia 2 kwietnia 2012 18:26 Megan One <xxx@example.com> napisał(a):",
    "Den mån 2 apr. 2012 kl 18:26 skrev Megan One <xxx@example.com>:",
    "2 apr. 2012 kl. 18:26 skrev Megan One <xxx@example.com>:",
    "Den man. 2. apr. 2012 kl. 18.26 skrev Megan One <xxx@example.com>:",
    "man. 2. apr. 2012 kl. 18:26 skrev Megan One <xxx@example.com>:",
    "пн, 2 апр. 2012 г. в 18:26, Megan One <xxx@example.com>:",
    "2 апреля 2012 г., 18:26 пользователь Megan One <xxx@example.com> написал:",
    "02.04.2012 18:26, Megan One пишет:",
    "пн, 2 квіт. 2012 р. о 18:26 Megan One <xxx@example.com> пише:",
    "po 2. 4. 2012 v 18:26 odesílatel Megan One <xxx@example.com> napsal:",
    "Dne 02. 04. 12 v 18:26 Megan One napsal(a):",
    "po 2. 4. 2012 o 18:26 Megan One <xxx@example.com> napísal(a):",
    "Megan One <xxx@example.com>, 2 Nis 2012 Pzt, 18:26 tarihinde şunu yazdı:",
    "2 Nis 2012 tarihinde 18:26 saatinde, Megan One <xxx@example.com> şunları yazdı:",
    "Megan One <xxx@example.com> 于2012年4月2日周一 下午6:26写道：",
    "在 2012年4月2日，下午6:26，Megan One <xxx@example.com> 写道：",
    "在 2012-04-02 18:26:00，\"Megan One\" <xxx@example.com> 写道：",
    "Megan One <xxx@example.com> 於 2012年4月2日 週一 下午6:26寫道：",
    "2012年4月2日(月) 18:26 Megan One <xxx@example.com>:",
    "2012/04/02 18:26、Megan One <xxx@example.com>のメール:",
    "2012년 4월 2일 (월) 오후 6:26, Megan One <xxx@example.com>님이 작성:",
    "2012. 4. 2. 오후 6:26, Megan One <xxx@example.com> 작성:",
    "في الاثنين، 2 أبريل 2012 في 6:26 م تمت كتابة ما يلي بواسطة Megan One <xxx@example.com>:",
    "ma 2. huhtik. 2012 klo 18.26 Megan One (xxx@example.com) kirjoitti:",
    "Megan One <xxx@example.com> ezt írta (időpont: 2012. ápr. 2., H,\n18:26):",
    "În lun., 2 apr. 2012 la 18:26, Megan One <xxx@example.com> a scris:",
    "Στις Δευ 2 Απρ 2012 στις 6:26 μ.μ., ο/η Megan One <xxx@example.com>\nέγραψε:",
    "Vào Th 2, 2 thg 4, 2012 vào lúc 18:26 Megan One <xxx@example.com> đã viết:",
    "Pada tanggal Sen, 2 Apr 2012 pukul 18.26 Megan One <xxx@example.com> menulis:",
    "-----Original Message-----\nFrom: Megan One",
    "-----Ursprüngliche Nachricht-----\nVon: Megan One",
    "________________________________\nVon: Megan One <xxx@example.com>\nGesendet: Montag, 2. "
    "April 2012 18:26\nAn: Anna\nBetreff: Test",
    "Von: Megan One <xxx@example.com>\nGesendet: Montag, 2. April 2012 18:26\nAn: Anna "
    "<a@example.com>\nCc: Bob\nBetreff: Test",
    "From: Megan One <xxx@example.com>\nSent: Monday, April 2, 2012 6:26 PM\nTo: Anna\nSubject: Test",
    "*From:* Megan One <xxx@example.com>\n*Date:* Monday, 2 April 2012 at 18:26\n*To:* Anna\n*Subject:* Test",
    "De : Megan One <xxx@example.com>\nEnvoyé : lundi 2 avril 2012 18:26\nÀ : Anna\nObjet : Test",
    "De: Megan One <xxx@example.com>\nEnviado: lunes, 2 de abril de 2012 18:26\nPara: Anna\nAsunto: Test",
    "De: Megan One <xxx@example.com>\nEnviada em: segunda-feira, 2 de abril de 2012 18:26\nPara: "
    "Anna\nAssunto: Test",
    "Da: Megan One <xxx@example.com>\nInviato: lunedì 2 aprile 2012 18:26\nA: Anna\nOggetto: Test",
    "Van: Megan One <xxx@example.com>\nVerzonden: maandag 2 april 2012 18:26\nAan: Anna\nOnderwerp: Test",
    "Od: Megan One <xxx@example.com>\nWysłano: poniedziałek, 2 kwietnia 2012 18:26\nDo: Anna\nTemat: Test",
    "Från: Megan One <xxx@example.com>\nSkickat: den 2 april 2012 18:26\nTill: Anna\nÄmne: Test",
    "Fra: Megan One <xxx@example.com>\nSendt: mandag 2. april 2012 18:26\nTil: Anna\nEmne: Test",
    "От: Megan One <xxx@example.com>\nОтправлено: понедельник, 2 апреля 2012 г. 18:26\nКому: "
    "Anna\nТема: Test",
    "Від: Megan One <xxx@example.com>\nНадіслано: понеділок, 2 квітня 2012 р. 18:26\nКому: Anna\nТема: Test",
    "Od: Megan One <xxx@example.com>\nOdesláno: pondělí 2. dubna 2012 18:26\nKomu: Anna\nPředmět: Test",
    "Kimden: Megan One <xxx@example.com>\nGönderildi: 2 Nisan 2012 Pazartesi 18:26\nKime: Anna\nKonu: Test",
    "发件人: Megan One <xxx@example.com>\n发送时间: 2012年4月2日 18:26\n收件人: Anna\n主题: Test",
    "差出人: Megan One <xxx@example.com>\n送信日時: 2012年4月2日 18:26\n宛先: Anna\n件名: Test",
    "보낸 사람: Megan One <xxx@example.com>\n보낸 날짜: 2012년 4월 2일 18:26\n받는 사람: Anna\n제목: Test",
    "من: Megan One <xxx@example.com>\nتم الإرسال: الاثنين، 2 أبريل 2012\nإلى: Anna\nالموضوع: Test",
    "Lähettäjä: Megan One <xxx@example.com>\nLähetetty: maanantai 2. huhtikuuta "
    "2012\nVastaanottaja: Anna\nAihe: Test",
    "---- Am Mo, 02 Apr. 2012 18:26:00 +0200 Megan One <xxx@example.com> schrieb ----",
    "---- On Mon, 02 Apr 2012 18:26:00 +0200 Megan One <xxx@example.com> wrote ---",
    "------ Original Message ------\nFrom \"Megan One\" <xxx@example.com>\nTo "
    "anna@example.com\nDate 02.04.2012 18:26:00\nSubject Test",
    "------- Original Message -------\nOn Monday, April 2nd, 2012 at 6:26 PM, Megan One "
    "<xxx@example.com> wrote:",
    "Gesendet: Montag, 02. April 2012 um 18:26 Uhr\nVon: \"Megan One\" <xxx@example.com>\nAn: "
    "anna@example.com\nBetreff: Test",
    "---------- Forwarded message ---------\nVon: Megan One <xxx@example.com>\nDate: Mo., 2. Apr. "
    "2012 um 18:26 Uhr\nSubject: Test",
    "Anfang der weitergeleiteten Nachricht:\n\nVon: Megan One <xxx@example.com>",
    "Quoting Megan One <xxx@example.com>:",
    "Zitat von Megan One <xxx@example.com>:",
    "##- Please type your reply above this line -##",
]  # fmt: skip

SIGNATURES = [
    "--\nAnna Beispiel\nBeispiel GmbH",
    "--\nAnna Beispiel",
    "Sent from my iPhone",
    "Von meinem iPhone gesendet",
    "Gesendet von Mail für Windows",
    "Envoyé de mon iPhone",
    "Enviado desde mi iPhone",
    "Inviato da iPhone",
    "Enviado do meu iPhone",
    "Verstuurd vanaf mijn iPhone",
    "Wysłane z iPhone'a",
    "Skickat från min iPhone",
    "Sendt fra min iPhone",
    "Отправлено с iPhone",
    "Надіслано з iPhone",
    "Odesláno z iPhonu",
    "iPhone'umdan gönderildi",
    "发自我的 iPhone",
    "iPhoneから送信",
    "나의 iPhone에서 보냄",
    "أُرسلت من الـ iPhone",
    "Get Outlook for iOS<https://aka.ms/o0ukef>",
    "Holen Sie sich Outlook für Android<https://aka.ms/AAb9ysg>",
    "Sent from Yahoo Mail on Android",
    "Gesendet mit der GMX Mail App",
    "Diese Nachricht wurde von meinem Android-Gerät mit K-9 Mail gesendet.",
]


@pytest.mark.parametrize("introduction", INTRODUCTIONS)
@pytest.mark.parametrize("mark", ["> ", ""])
def test_quotation_after_the_reply_is_folded(introduction: str, mark: str) -> None:
    old = "\n".join(mark + line for line in ("Hello Anna,", "", "your parcel is late."))
    parts = quotes.split(f"{OWN}\n\n{introduction}\n\n{old}\n")
    assert parts.reply == OWN
    assert "your parcel is late." in parts.quoted


@pytest.mark.parametrize("introduction", INTRODUCTIONS[:51])
def test_reply_below_the_quotation_is_kept(introduction: str) -> None:
    parts = quotes.split(f"{introduction}\n> Hello Anna,\n> your parcel is late.\n\n{OWN}\n")
    assert parts.reply == OWN


@pytest.mark.parametrize("signature", SIGNATURES)
def test_signature_is_folded(signature: str) -> None:
    parts = quotes.split(f"{OWN}\n\n{signature}\n")
    assert (parts.reply, parts.signature) == (OWN, signature)


@pytest.mark.parametrize(
    "text",
    [
        "On the surface, this looks like a quote header but it's not.\n\nOn average, this works well.",
        "From: Berlin\nTo: Munich\nDate: 5 May\n\nCan I still change the ticket?",
        "Name: Anna\nOrder: 4711\nDate: 5 May 2026\nProblem: the box was empty",
        "Hi,\n\n- first\n- second\n\nThanks\nAnna",
        "My question: what did the courier say when he wrote:\n'not at home'?",
        "Please send it to: Anna, Main Street 5\nFrom: Monday on I am at home.",
        "We ordered on 2 April 2026 and your colleague wrote: it is on its way.\nIt is not.",
        "The error is:\n\n----------\ndisk full\n----------\n\nWhat now?",
        "I am sent from one desk to the next.\nPlease help.",
        "Gesendet wurde das Paket am 3. Mai.\nAngekommen ist es nie.",
        ">:( I am angry\nand want my money",
        "Von: 8 Uhr\nBis: 12 Uhr\nBitte nur dann liefern.",
        "Am 3. Mai habe ich bestellt:\n\n2 x Kaffee\n1 x Tee\n\nNichts kam an.",
        "Le 3 mai j'ai commandé ceci :\nune table\nRien n'est arrivé.",
        "to test this in 2 weeks. I will let you know then:\nfirst the left, then the right",
    ],
)
def test_own_words_are_never_lost(text: str) -> None:
    assert quotes.split(text).reply == text


def test_quotes_between_answers_stay_for_their_sense() -> None:
    text = "Hi,\n\n> Is it blue?\n\nYes.\n\n> Is it big?\n\nNo."
    assert quotes.split(text).reply == text


def test_trailing_quote_without_introduction_is_folded() -> None:
    assert quotes.split("Yes, please.\n\n> Shall we send it?\n").reply == "Yes, please."


@pytest.mark.parametrize(
    ("html", "reply"),
    [
        (
            '<div dir="ltr">Yes<br></div><br><div class="gmail_quote"><div class="gmail_attr">On '
            "Mon, Apr 2, 2012 at 6:26 PM M "
            '&lt;<a href="mailto:x@e.com">x@e.com</a>&gt; wrote:<br></div><blockquote '
            'class="gmail_quote">Old</blockquote></div>',
            "Yes",
        ),
        (
            '<p class="MsoNormal">Yes</p><div style="border:none;border-top:solid #E1E1E1 '
            '1.0pt"><p><b>From:</b> M &lt;x@e.com&gt;<br>'
            "<b>Sent:</b> Monday<br><b>To:</b> A<br><b>Subject:</b> T</p></div><p>Old</p>",
            "Yes",
        ),
        (
            (
                '<div>Yes</div><div id="appendonsend"></div><hr><div '
                'id="divRplyFwdMsg">irgendwas</div><div>Old</div>'
            ),
            "Yes",
        ),
        ('<p>Yes</p><div class="moz-cite-prefix">xyz</div><blockquote type="cite">Old</blockquote>', "Yes"),
        ('<div>Yes</div><div class="yahoo_quoted"><div>Whatever</div>Old</div>', "Yes"),
        (
            "<div>Yes</div><blockquote type=cite>Old<br>Older</blockquote><div>And no</div>",
            "Yes\n\n> Old\n> Older\n\nAnd no",
        ),
        ('<div>Yes</div><div class="gmail_signature">Anna<br>GmbH</div>', "Yes"),
        ('<div>Yes</div><div id="ms-outlook-mobile-signature">Get Outlook</div>', "Yes"),
    ],
)
def test_containers_of_mail_programs(html: str, reply: str) -> None:
    assert quotes.split_html(html).reply == reply


def test_forwarded_sender_is_found() -> None:
    text = (
        "FYI\n\n---------- Forwarded message ---------\nVon: Megan One <xxx@example.com>\nDate: "
        "x\nSubject: y\n\nHello"
    )
    assert quotes.forwarded_sender(text, False) == "Megan One <xxx@example.com>"
    assert quotes.forwarded_sender("From: A <a@b.c>\nSubject: x\nDate: y\n", False) == ""


@pytest.mark.parametrize(
    "piece",
    [
        *(">", "> ", "\n", "-", "--\n", "a@", " ", "wrote:\n", "[image: ", "a:\n", "From: a@b\n", "> a\nb\n"),
        *(
            "On Mon 1 Jan 2020\n",
            "----- x -----\n",
            "Sent from my iPhone\n",
            '12:30, "J" <x@y>:\n',
            "写道：\n",
        ),
        *("tel +1 2 3 ", "On Mon, 2 2020 <a@b> "),
    ],
)
def test_time_grows_linearly(piece: str) -> None:
    def seconds(size: int) -> float:
        text = piece * (size // len(piece))
        start = time.process_time()
        quotes.split(text)
        return time.process_time() - start

    seconds(1000)
    assert seconds(1_000_000) < max(2.0, 60 * seconds(100_000))


@pytest.mark.parametrize(
    ("html", "left"),
    [
        ("<div>Yes.</div><div><br></div><div dir='ltr'><br></div>{quote}", "<div>Yes.</div>"),
        ("<div><p>Yes.</p><p>&nbsp;</p>{quote}</div>", "<div><p>Yes.</p></div>"),
        ("<p>Yes.</p><p><img src='cid:a'></p><br>{quote}", '<p>Yes.</p><p><img src="cid:a"></p>'),
        ("<p><br></p>Yes.<br>{quote} Bye.", "<p><br></p>Yes.<br> Bye."),
        ("<table><tr><td>1</td><td></td></tr></table>{quote}", "<table><tr><td>1</td><td></td></tr></table>"),
    ],
)
def test_empty_lines_before_a_folded_quote_stayed(html, left):
    folded = without_quotes(html.format(quote="<blockquote>Shall we?</blockquote>"))
    assert left in folded
    assert "Shall" not in folded
    assert not folded.replace("</body>", "").replace("</html>", "").endswith(("<br>", "<div></div>"))


def test_words_that_nest_too_deep_were_lost_with_the_quotes():
    html = "<div>" * 300 + "Yes, please." + "</div>" * 300
    assert "Yes, please." in without_quotes(f"<blockquote>Shall we?</blockquote>{html}")
