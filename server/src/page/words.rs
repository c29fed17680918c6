//! What stands at `/` where this server hands out no page: whose server it is, that nothing was sent,
//! and how to go on, in six languages and without a script.

use std::fmt::Write as _;

use noren::profile::{Contact, Profile};

/// The words in one language; `{name}` is the authority, `{page}` the page's address.
struct Words {
    tag: &'static str,
    /// The language's own name.
    name: &'static str,
    /// Whose this is, and what it does.
    whose: &'static str,
    /// What was sent.
    sent: &'static str,
    /// How to go on where the page stands elsewhere.
    elsewhere: &'static str,
    /// How to go on where there is none.
    nowhere: &'static str,
}

const LANGUAGES: [Words; 6] = [
    Words {
        tag: "ja",
        name: "日本語",
        whose: "ここは{name}のサーバーです。危険のあった時間にその場所にいた方へお知らせしますが、\
                誰がどこにいたかは、このサーバーにはわかりません。",
        sent: "訪問についての情報は何も送信されていません。ポスターのコードの内容は、お使いの端末の中に\
               とどまっています。",
        elsewhere: "{page} を開き、そのページでポスターをもう一度読み取ってください。",
        nowhere: "このサーバーには、チェックインのためのページがありません。Norenのコードを読み取れる\
                  アプリをお使いになるか、{name}にお問い合わせください。",
    },
    Words {
        tag: "en",
        name: "English",
        whose: "This is the server of {name}. It lets people be warned who were at a place at a \
                dangerous time, and does not know who was where.",
        sent: "Nothing about your visit was sent: what the poster's code says stays on your device.",
        elsewhere: "Open {page} and scan the poster again on that page.",
        nowhere: "This server has no page to check in with. Use an app that reads Noren's codes, or ask \
                  {name}.",
    },
    Words {
        tag: "ko",
        name: "한국어",
        whose: "여기는 {name}의 서버입니다. 위험이 있었던 시간에 그 장소에 있었던 분에게 알림이 가지만, \
                누가 어디에 있었는지는 이 서버가 알지 못합니다.",
        sent: "방문에 관한 정보는 아무것도 전송되지 않았습니다. 포스터 코드의 내용은 사용 중인 기기에만 \
               남아 있습니다.",
        elsewhere: "{page} 페이지를 열고 그곳에서 포스터를 다시 스캔해 주세요.",
        nowhere: "이 서버에는 체크인 페이지가 없습니다. Noren 코드를 읽을 수 있는 앱을 사용하시거나 \
                  담당 기관에 문의해 주세요: {name}",
    },
    Words {
        tag: "zh-Hans",
        name: "简体中文",
        whose: "这里是{name}的服务器。在有风险的时间到过某场所的人会得到提醒，而服务器并不知道谁去过哪里。",
        sent: "没有发送任何关于您到访的信息：海报二维码的内容只留在您的设备上。",
        elsewhere: "请打开 {page} ，在该页面上重新扫描海报。",
        nowhere: "此服务器没有签到页面。请使用能读取 Noren 二维码的应用，或咨询{name}。",
    },
    Words {
        tag: "pt",
        name: "Português",
        whose: "Este é o servidor de {name}. Ele permite avisar quem esteve num lugar numa hora de \
                perigo, e não sabe quem esteve onde.",
        sent: "Nada sobre a sua visita foi enviado: o conteúdo do código do cartaz fica no seu aparelho.",
        elsewhere: "Abra {page} e leia o cartaz outra vez nessa página.",
        nowhere: "Este servidor não tem página para registrar a visita. Use um aplicativo que leia os \
                  códigos Noren ou pergunte a {name}.",
    },
    Words {
        tag: "vi",
        name: "Tiếng Việt",
        whose: "Đây là máy chủ của {name}. Những người đã ở một nơi vào giờ có nguy cơ sẽ được báo, còn \
                máy chủ không biết ai đã ở đâu.",
        sent: "Không có thông tin nào về lượt đến của bạn được gửi đi: nội dung của mã trên áp phích chỉ ở \
               trên thiết bị của bạn.",
        elsewhere: "Hãy mở {page} và quét lại áp phích trên trang đó.",
        nowhere: "Máy chủ này không có trang để ghi nhận lượt đến. Hãy dùng ứng dụng đọc được mã Noren, \
                  hoặc hỏi {name}.",
    },
];

/// The page for an authority, with the way to the page where one is known.
pub(crate) fn words(profile: &Profile, origin: Option<&str>) -> String {
    let name = escaped(&profile.name);
    let link = origin.map(|origin| format!("<a href=\"{0}/\">{0}</a>", escaped(origin)));
    let mut text = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>Noren 暖簾 – {name}</title>\n</head>\n<body>\n<main>\n<h1>Noren 暖簾 – {name}</h1>\n"
    );
    for words in &LANGUAGES {
        let how = link.as_ref().map_or_else(
            || words.nowhere.replace("{name}", &name),
            |link| words.elsewhere.replace("{page}", link),
        );
        // Writing to a string does not fail.
        let _ = write!(
            text,
            "<section lang=\"{}\">\n<h2>{}</h2>\n<p>{}</p>\n<p>{}</p>\n<p><strong>{how}</strong></p>\n{}\
             </section>\n",
            words.tag,
            words.name,
            words.whose.replace("{name}", &name),
            words.sent,
            contacts(profile, words.tag),
        );
    }
    text + "</main>\n</body>\n</html>\n"
}

/// The lines of the authority that are for everybody, in this language.
fn contacts(profile: &Profile, tag: &str) -> String {
    let is_for_all = |contact: &&Contact| contact.level.is_none() && contact.language == tag;
    let lines = profile.contacts.iter().filter(is_for_all);
    lines.fold(String::new(), |text, Contact { label, value, hours, .. }| {
        let words = [label, value, hours].map(|word| escaped(word)).join(" ");
        format!("{text}<p>{}</p>\n", words.trim_end())
    })
}

/// Text that no browser reads as anything else.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_language_has_every_sentence_with_its_places() {
        // [API-34]
        for Words { tag, whose, sent, elsewhere, nowhere, .. } in &LANGUAGES {
            assert!(whose.contains("{name}") && nowhere.contains("{name}"), "{tag}");
            assert!(elsewhere.contains("{page}") && !sent.contains('{'), "{tag}");
        }
    }

    #[test]
    fn no_text_becomes_a_tag() {
        // [API-34]
        assert_eq!(escaped("<a href=\"x\">&amp;"), "&lt;a href=&quot;x&quot;&gt;&amp;amp;");
    }
}
