"""The words by which mail programs in many languages introduce a quotation, a forward or a signature.

Collected from the programs' own wording; all in lower case. Data only.
"""


def _phrases(text: str) -> tuple[str, ...]:
    return tuple(" ".join(piece.split()) for piece in text.split("|") if piece.strip())


FROM, SENT, TO, SUBJECT, COPY, REPLY_TO = "from", "sent", "to", "subject", "copy", "reply-to"

_LABELS = {
    FROM: _phrases(
        """
    from | von | de | da | van | od | från | fra | от | от кого | від | кому від | kimden | gönderen |
    发件人 | 寄件者 | 寄件人 | 差出人 | 送信者 | 送信元 | 보낸 사람 | 보낸사람 | 보낸이 | 발신 | من |
    lähettäjä | από | feladó | expeditor | de la | remitente | expéditeur | mittente | remetente |
    afzender | absender | odesílatel | odosielateľ | avsändare | avsender | afsender | отправитель |
    відправник | מאת | từ | dari | pengirim | จาก | no | nuo | saatja | šalje | pošiljatelj | od koga |
    подател | 发自
    """
    ),
    SENT: _phrases(
        """
    sent | date | gesendet | datum | envoyé | envoye | date d'envoi | enviado | enviado el | enviada |
    enviada em | enviado em | fecha | data | inviato | data invio | verzonden | wysłano | wyslano |
    skickat | sendt | dato | отправлено | дата | дата отправки | надіслано | odesláno | datum odeslání |
    odoslané | dátum | gönderilme | gönderme tarihi | gönderildi | tarih | 发送时间 | 发送日期 | 日期 |
    时间 | 傳送時間 | 寄件日期 | 寄送日期 | 送信日時 | 日時 | 送信日 | 日付 | 보낸 날짜 | 보낸날짜 |
    날짜 | 발신일 | تاريخ | التاريخ | تم الإرسال | تاريخ الإرسال | lähetetty | päiväys | pvm |
    päivämäärä | ημερομηνία | στάλθηκε | elküldve | küldve | trimis | data trimiterii | נשלח | תאריך |
    đã gửi | ngày | dikirim | tanggal | terkirim | วันที่ | ส่ง | sent on | poslano | изпратено
    """
    ),
    TO: _phrases(
        """
    to | an | à | a | para | per | aan | do | till | til | кому | до | komu | kime | alıcı | kişi |
    收件人 | 收件者 | 宛先 | 받는 사람 | 받는사람 | 받는이 | 수신 | إلى | الى | vastaanottaja | προς |
    címzett | către | catre | pro | destinataire | destinatario | destinatário | ontvanger | empfänger |
    mottagare | mottaker | modtager | отримувач | получатель | אל | đến | tới | kepada | untuk | ถึง |
    za
    """
    ),
    SUBJECT: _phrases(
        """
    subject | betreff | objet | asunto | oggetto | assunto | onderwerp | temat | ämne | emne | тема |
    předmět | predmet | konu | 主题 | 主題 | 主旨 | 标题 | 件名 | 제목 | الموضوع | موضوع | aihe | θέμα |
    tárgy | subiect | נושא | chủ đề | tiêu đề | perihal | subjek | เรื่อง | относно | zadeva | re
    """
    ),
    COPY: _phrases(
        """
    cc | kopie | copie | copie à | copia | cópia | dw | kopia | kopi | копия | копія | kopie komu |
    bilgi | 抄送 | 副本 | 참조 | نسخة | kopio | κοιν | másolat | עותק | tembusan | สำเนา | bcc |
    salaam | organization | importance | priority | attachments | anlagen | anhang | pièces jointes |
    adjuntos | allegati | bijlagen | załączniki | bilagor | vedlegg | vedhæftede filer | вложения |
    附件 | 添付ファイル
    """
    ),
    REPLY_TO: _phrases(
        """
    reply-to | reply to | répondre à | responder a | antwort an | rispondi a | antwoord aan |
    odpowiedz do | svar till | 回复 | 返信先
    """
    ),
}
HEADER_LABELS = {label: kind for kind, labels in _LABELS.items() for label in labels}

VERBS = _phrases(
    """
    wrote | writes | schrieb | schrieben | schreibt | geschrieben | a écrit | a ecrit | écrit |
    écrivait | escribió | escribio | escribiste | ha scritto | scritto | scrive | scrisse | escreveu |
    schreef | geschreven | napisał(a) | napisał | napisała | napisal | napisala | napisał/a | pisze |
    skrev | följande | kirjoitti | написал(а) | написал | написала | написали | пишет | писал | писала |
    писав | написав | написала(в) | пише | пишуть | napsal(a) | napsal | napsala | napísal(a) |
    napísal | napísala | yazdı | yazmış | 写道 | 寫道 | のメール | 書きました | さんは書きました |
    작성 | 작성했습니다 | 작성하였습니다 | 씀 | 쓴 글 | كتب | كتبت | έγραψε | írta | a scris | scris |
    je napisao | je napisala | je napisao/la | написа | đã viết | viết | menulis | เขียนว่า | เขียน |
    rakstīja | rašė | kirjutas | va escriure | כתב | כתבה | skreiv | je pisal | je pisala | said |
    نوشت | לכתוב | escribió lo siguiente | schrieb folgendes
    """
)

STARTS = _phrases(
    """
    on | at | am | um | den | der | le | el | il | in data | in date | op | em | no dia | a | w dniu |
    dnia | dne | dňa | på | kl | pe | ma | ti | ke | to | la | su | în | pe data | в | вт | ср | чт |
    пт | сб | вс | пн | нд | 2-го | در | في | בתאריך | ב | στις | vào | pada | เมื่อ | el día | em seg |
    em ter | em qua | em qui | em sex | em sáb | em dom | mon | tue | wed | thu | fri | sat | sun | mo |
    di | mi | do | fr | sa | so | lun | mar | mer | jeu | ven | sam | dim | gio | sab | dom | man |
    tir | ons | tor | fre | lør | lör | søn | sön | tis | mån | pon | wt | śr | czw | pt | sob | niedz |
    po | út | st | čt | pá | ne | dana | u | na | quoting | zitat von | citando | citation de | cytat |
    citerar | zitiere | citát | monday | tuesday | wednesday | thursday | friday | saturday | sunday |
    segunda | terça | quarta | quinta | sexta | sábado | domingo | tarihinde | kuupäeval | jan | feb |
    apr | may | jun | jul | aug | sep | oct | nov | dec | january | february | march | april | june |
    july | august | september | october | november | december | da | de | от | від | ven. | lun. |
    mar. | mer. | jeu. | sam. | dim. | dia | el lun | el mar | el mié | el jue | el vie | el sáb |
    el dom | reply from | from
    """
)

QUOTING_WITHOUT_VERB = _phrases(
    """
    quoting | zitat von | citando | citation de | cytat | citerar | zitiere | citát
    """
)

ORIGINAL_MESSAGE = _phrases(
    """
    original message | ursprüngliche nachricht | original-nachricht | originalnachricht |
    original nachricht | message d'origine | message d’origine | message original | message initial |
    mensaje original | mensagem original | messaggio originale | oorspronkelijk bericht |
    origineel bericht | oorspronkelijke bericht | wiadomość oryginalna | oryginalna wiadomość |
    original meddelande | originalmeddelande | ursprungligt meddelande | oprindelig meddelelse |
    oprindelig besked | opprinnelig melding | original melding | исходное сообщение |
    оригинальное сообщение | початкове повідомлення | оригінальне повідомлення | původní zpráva |
    pôvodná správa | özgün ileti | orijinal mesaj | orjinal mesaj | 原始邮件 | 原始郵件 | 原始信件 |
    元のメッセージ | original mail | 원본 메시지 | 원본 메일 | 원본메시지 | الرسالة الأصلية |
    alkuperäinen viesti | αρχικό μήνυμα | eredeti üzenet | mesaj original | mesajul original |
    הודעה מקורית | thư gốc | pesan asli | ข้อความต้นฉบับ | izvirno sporočilo | izvorna poruka |
    оригинално съобщение | reply message | replied message | 回复的原邮件 | 回复的邮件 | message from |
    previous message | earlier message | vorherige nachricht
    """
)

FORWARDED_MESSAGE = _phrases(
    """
    forwarded message | forwarded mail | forwarded by | forwarded email | weitergeleitete nachricht |
    weitergeleitete mail | weitergeleitet von | message transféré | message transmis |
    mensaje reenviado | mensagem encaminhada | mensagem reencaminhada | messaggio inoltrato |
    inoltrato da | doorgestuurd bericht | doorgezonden bericht | przekazana wiadomość |
    wiadomość przekazana | treść przekazanej wiadomości | vidarebefordrat meddelande |
    videresendt besked | videresendt meddelelse | videresendt melding | пересылаемое сообщение |
    переадресованное сообщение | пересланное сообщение | переслане повідомлення |
    переадресоване повідомлення | přeposlaná zpráva | preposlaná správa | iletilmiş mesaj |
    iletilen ileti | yönlendirilen ileti | 转发的邮件 | 转发邮件 | 轉寄的郵件 | 転送メッセージ |
    転送されたメッセージ | 전달된 메시지 | 전달된 메일 | رسالة معاد توجيهها | الرسالة المعاد توجيهها |
    välitetty viesti | edelleenlähetetty viesti | προωθημένο μήνυμα | továbbított üzenet |
    mesaj redirecționat | הודעה שהועברה | tin nhắn đã chuyển tiếp | pesan terusan |
    begin forwarded message | anfang der weitergeleiteten | anfang der weitergeleiteten nachricht |
    début du message transféré | début du message réexpédié | inicio del mensaje reenviado |
    início da mensagem reencaminhada | início da mensagem encaminhada | inizio messaggio inoltrato |
    begin doorgestuurd bericht | początek przekazywanej wiadomości | vidarebefordrat brev |
    start på videresendt besked | videresendt e-post | начало переадресованного сообщения |
    начало пересылаемого сообщения | začátek přeposlané zprávy | iletilen mesajın başlangıcı |
    以下是转发的邮件 | 下面是被转发的邮件 | 以下是轉寄的郵件 | 转发的消息开始 |
    転送されたメッセージの始まり | 다음은 전달된 메시지입니다 | 전달된 메시지 시작
    """
)

ABOVE_THIS_LINE = _phrases(
    """
    reply above this line | type your reply above | write above this line | please reply above |
    reply above the line | reply to this email above | antworten sie oberhalb |
    antwort bitte über dieser zeile | bitte oberhalb dieser linie | répondre au-dessus de cette ligne |
    responda por encima de esta línea | responda acima desta linha | rispondi sopra questa linea |
    antwoord boven deze regel | do not delete or change any of the following |
    only text above this line will be included
    """
)

SENT_WITH = _phrases(
    """
    sent from | sent via | sent with | sent by | sent using | sent on | sent through | get outlook for |
    from my iphone | from my ipad | from my android | from my phone | from my mobile | from my samsung |
    from my blackberry | from mobile | sent in | composed with | written on my | von meinem |
    gesendet von | gesendet mit | gesendet aus | gesendet über | gesendet via |
    diese nachricht wurde von meinem | outlook für | holen sie sich outlook | outlook für ios beziehen |
    envoyé de mon | envoyé depuis | envoyé à partir | envoyé avec | envoyé via | envoye depuis |
    envoyé par | envoyé d' | envoyé de | téléchargez outlook | obtenez outlook | obtenir outlook |
    provenance : courrier | provenance : | enviado desde | enviado via | enviado con | enviado do |
    enviado de | enviado a partir | enviado por | enviado pelo | obtener outlook | descargar outlook |
    obter o outlook | obtenha o outlook | inviato da | inviato dal | inviato con | inviato tramite |
    scarica outlook | ottieni outlook | verzonden met | verzonden vanaf | verzonden via |
    verstuurd vanaf | verstuurd met | verstuurd via | outlook voor | download outlook | wysłane z |
    wysłano z | wysłane przez | wysłano za pomocą | pobierz outlook | pobierz program outlook |
    skickat från | skickades från | skaffa outlook | hämta outlook | sendt fra | sendt med |
    hent outlook | få outlook | skaff deg outlook | отправлено с | отправлено из | отправлено от |
    послано с | скачать outlook | получить outlook | надіслано з | надіслано із | відправлено з |
    завантажити outlook | odesláno z | odesláno ze | odesláno pomocí | posláno z | získat outlook |
    získejte outlook | odoslané z | odoslané zo | iphone'umdan gönderildi | iphone’umdan gönderildi |
    ipad'imden gönderildi | dan gönderildi | android için outlook | ios için outlook | 发自我的 |
    从我的 | 从 windows | 發自我的 | 從我的 | 寄自我的 | 傳送自 | 获取 outlook | 取得 outlook |
    用手机发送 | 來自我的 | iphoneから送信 | ipadから送信 | androidから送信 | 私の |
    outlook for ios を入手 | 나의 iphone | 내 iphone | 나의 ipad | 내 galaxy | 삼성 갤럭시 |
    android용 outlook | ios용 outlook | أرسلت من | مرسل من | تم الإرسال من | أُرسلت من |
    lähetetty iphonesta | lähetetty | hanki outlook | στάλθηκε από | iphone-ról küldve | az én |
    trimis de pe | trimis din | נשלח מה | נשלח מ | được gửi từ | đã gửi từ | dikirim dari | ส่งจาก |
    poslano z | poslano iz | изпратено от | enviat des
    """
)

SENT_WITH_ENDINGS = _phrases(
    """
    gesendet | gesendet. | から送信 | より送信 | 에서 보냄 | 에서 보낸 | 에서 전송 | 에서 전송됨 |
    에서 발송 | 傳送 | 发送 | 發送 | gönderildi | gönderildi. | küldve | lähetetty |
    sent from my phone | üzerinden gönderildi | から送信されました | notebook gesendet |
    smartphone gesendet | handy gesendet | mobiltelefon gesendet | mit k-9 mail gesendet
    """
)

DEVICES = _phrases(
    """
    iphone | ipad | ipod | android | samsung | galaxy | blackberry | huawei | xiaomi | nokia |
    windows phone | windows 10 | windows 11 | outlook | mobile | mobil | handy | smartphone |
    smart phone | smarttelefon | mobiele telefoon | phone | tablet | device | gerät | yahoo mail | gmx |
    web.de | gmail | airmail | mailbox | thunderbird | k-9 | protonmail | proton mail | bluemail |
    typeapp | aquamail | spark | edison | newton | fairemail | fair email | móvil | movil | celular |
    telefone | telefono | téléphone | telefon | téléfono | cellulare | мобильн | телефон | 手机 | 手機 |
    携帯 | スマートフォン | htc | motorola | sony xperia | xperia | lg | oneplus | pixel | wiko |
    alcatel | lumia | treo | palm | mac | macbook | pc | mail | e-mail | application | app | cell |
    verizon | t-mobile | orange | zimbra | superhuman | front | hey | mimestream | canary | readdle |
    nine | posteo | tutanota | tuta | freenet | t-online | bouygues | sfr | free | laposte | libero |
    virgilio | wp | onet | seznam | mail.ru | яндекс | yandex | почты
    """
)

DISCLAIMERS = _phrases(
    """
    confidential | confidentiality | privileged | intended only | intended solely | intended recipient |
    disclaimer | unsubscribe | vertraulich | rechtlich geschützt | ne pas imprimer | confidentiel |
    destinataire | confidencial | destinatario | destinatário | riservat | privacy | vertrouwelijk |
    geadresseerde | poufne | konfidentiell | fortrolig | конфиденциальн |
    please consider the environment | think before you print | virus-free | avast | avg.com |
    registered office | registered in england | handelsregister | amtsgericht | geschäftsführer |
    you received this message because | you are receiving this | abmelden | désinscri | darse de baja |
    cancelar suscripción | mailing list | to post to this group | google groups | viewed on the web
    """
)
