//! The script of the sample conversations.

use crate::conversations::messages::model::{DeliveryStatus, DeliveryType};
use crate::people::organizations::model::BuiltInRole;

/// A line of the script.
pub struct Line {
    pub minutes_later: u64,
    pub place: Place,
    pub who: Who,
    pub text: &'static str,
    /// Name, content type, bytes.
    pub files: &'static [(&'static str, &'static str, &'static [u8])],
}

#[derive(Clone, Copy)]
pub enum Place {
    /// An index into [`CONTACTS`].
    Contact(usize),
    Channel(&'static str),
    Bucket,
}

#[derive(Clone, Copy)]
pub enum Who {
    /// An index into [`MEMBERS`].
    Member(usize),
    Contact,
    /// The program that posts into the bucket.
    Program {
        title: &'static str,
        delivery: DeliveryType,
    },
}

/// Name, email, role. The first is the owner.
pub const MEMBERS: &[(&str, &str, BuiltInRole)] = &[
    ("Mara Ellis", "mara@example.com", BuiltInRole::Owner),
    ("Tom Okafor", "tom@example.com", BuiltInRole::Admin),
    ("Luis Ortega", "luis@example.com", BuiltInRole::Member),
    ("Priya Nair", "priya@example.com", BuiltInRole::Member),
    ("Sam Lindqvist", "sam@example.com", BuiltInRole::Guest),
];

/// First name, last name, phones; the first phone is the preferred one.
pub const CONTACTS: &[(&str, &str, &[&str])] = &[
    ("Jane", "Doe", &["+1 (555) 123-4567", "+1 (555) 765-4321"]),
    ("Bob", "", &[]),
    ("Elena", "Petrova", &["+1 (555) 220-1177"]),
    ("Marcus", "Reed", &["+1 (555) 310-9034"]),
    ("Aiko", "Tanaka", &["+81 3 5550 1234"]),
    ("", "", &["+1 (555) 987-0021"]),
    ("Samir", "Haddad", &["+1 (555) 204-8810"]),
];

/// Email, company and note of some contacts, by their index in [`CONTACTS`].
pub const CARDS: &[(usize, &str, &str, &str)] = &[
    (0, "jane.doe@example.com", "", "14 Harbour Lane, flat 3B. Ring twice."),
    (6, "samir@haddad-interiors.example", "Haddad Interiors", "Moved out of Mill Street."),
];

/// The start of a message to a contact, and what the gateway has reported about it.
pub const REPORTS: &[(&str, DeliveryStatus, Option<&str>)] = &[
    ("Thank you Samir", DeliveryStatus::Read, None),
    ("Thanks Jane.", DeliveryStatus::Read, None),
    ("The electrician comes", DeliveryStatus::Failed, Some("The phone is switched off.")),
    ("On site.", DeliveryStatus::Delivered, None),
    ("The crack, close up.", DeliveryStatus::Delivered, None),
];

/// The contact whose conversation has a file request: an index of [`CONTACTS`].
pub const ASKED: usize = 3;

/// The name of the bucket, and of the program that posts there.
pub const BUCKET: (&str, &str) = ("Alarms", "Mill Street sensors");

/// The URL of the webhook.
pub const WEBHOOK: &str = "https://hooks.example.com/harbour-lane";

const JPEG: &str = "image/jpeg";

pub const AVATAR: &[u8] = include_bytes!("../../../demo/avatar-mara.jpg");
pub const LOGO: &[u8] = include_bytes!("../../../demo/logo.png");

/// The custom emoji.
pub const EMOJI: &[(&str, &[u8])] = &[
    ("drip", include_bytes!("../../../demo/emoji-drip.png")),
    ("fixed", include_bytes!("../../../demo/emoji-fixed.png")),
];

/// The start of a message, the reaction, and indexes of members into [`MEMBERS`].
pub const REACTIONS: &[(&str, &str, &[usize])] = &[
    ("Finally.", "🎉", &[0, 2, 3]),
    ("Finally.", "😂", &[3]),
    ("Yes. I bring", "👍", &[0, 1]),
    ("On site.", ":fixed:", &[0, 1]),
    ("On site.", "🙌", &[1]),
    ("Thank you Samir", "❤️", &[0]),
];

macro_rules! photo {
    ($name:literal) => {
        ($name, JPEG, include_bytes!(concat!("../../../demo/", $name)) as &[u8])
    };
    ($name:literal as $shown:literal) => {
        ($shown, JPEG, include_bytes!(concat!("../../../demo/", $name)) as &[u8])
    };
}

const JANE: Place = Place::Contact(0);
const SAMIR: Place = Place::Contact(6);

const fn line(minutes_later: u64, place: Place, who: Who, text: &'static str) -> Line {
    Line { minutes_later, place, who, text, files: &[] }
}

pub const SCRIPT: &[Line] = &[
    line(
        0,
        Place::Channel("office"),
        Who::Member(0),
        "Morning all. The new inbox is live: what customers send lands here, named after them.",
    ),
    Line {
        minutes_later: 2,
        place: Place::Bucket,
        who: Who::Program { title: "Night watch over", delivery: DeliveryType::Silent },
        text: "14 sensors asked, all dry.",
        files: &[],
    },
    line(3, Place::Channel("office"), Who::Member(1), "Finally. No more IMG_0231 (2) (final).jpg."),
    Line {
        minutes_later: 180,
        place: SAMIR,
        who: Who::Contact,
        text: "Move-out at Mill Street, all rooms as we left them.",
        files: &[
            photo!("room-0.jpg"),
            photo!("room-1.jpg"),
            photo!("room-2.jpg"),
            photo!("room-4.jpg"),
            photo!("room-6.jpg"),
            photo!("bath-0.jpg"),
        ],
    },
    Line {
        minutes_later: 2,
        place: SAMIR,
        who: Who::Contact,
        text: "And the whole living room in one.",
        files: &[photo!("panorama.jpg")],
    },
    line(40, SAMIR, Who::Member(3), "Thank you Samir, that helps a lot. You get the deposit statement this week."),
    line(600, Place::Contact(5), Who::Contact, "Is the flat on Mill Street still free?"),
    Line {
        minutes_later: 420,
        place: Place::Contact(4),
        who: Who::Contact,
        text: "",
        files: &[("Lease_2026_signed.pdf", "application/pdf", include_bytes!("../../../demo/service-report.pdf"))],
    },
    line(
        600,
        JANE,
        Who::Contact,
        "Hi, this is Jane from 14 Harbour Lane, flat 3B. There is water under the kitchen sink again, same place as in spring.",
    ),
    Line { minutes_later: 1, place: JANE, who: Who::Contact, text: "", files: &[photo!("IMG_0231.jpg")] },
    Line {
        minutes_later: 2,
        place: JANE,
        who: Who::Contact,
        text: "Easier to explain than to type:",
        files: &[("Voice note 17 Nov.m4a", "audio/mp4", include_bytes!("../../../demo/voice-note.m4a"))],
    },
    Line {
        minutes_later: 11,
        place: JANE,
        who: Who::Member(1),
        text: "Thanks Jane. Please close the valve with the red handle, left of the pipe. Luis can be with you at nine tomorrow. This is the report from the spring visit.",
        files: &[(
            "Service report 14 Harbour Lane 3B.pdf",
            "application/pdf",
            include_bytes!("../../../demo/service-report.pdf"),
        )],
    },
    line(
        4,
        Place::Channel("repairs"),
        Who::Member(1),
        "Sink at 14 Harbour Lane 3B is back :drip: @Luis, nine tomorrow?",
    ),
    line(9, Place::Channel("repairs"), Who::Member(2), "Yes. I bring a new trap and a washer."),
    Line {
        minutes_later: 900,
        place: JANE,
        who: Who::Contact,
        text: "The bucket was half full this morning. I closed the valve, it has stopped for now.",
        files: &[photo!("IMG_0236.jpg"), photo!("IMG_0237.jpg"), photo!("IMG_0238.jpg")],
    },
    line(30, Place::Contact(3), Who::Member(0), "The electrician comes Friday between 8 and 10."),
    Line { minutes_later: 10, place: Place::Contact(2), who: Who::Contact, text: "", files: &[photo!("IMG_0240.jpg")] },
    Line {
        minutes_later: 39,
        place: JANE,
        who: Who::Member(2),
        text: "On site. The old trap had a hairline crack at the lower nut. Replaced it, ran water for ten minutes, dry. Everything before and after:",
        files: &[
            photo!("IMG_4410.jpg"),
            photo!("IMG_4411.jpg"),
            photo!("IMG_4412.jpg"),
            photo!("IMG_4413.jpg"),
            photo!("IMG_4414.jpg"),
            photo!("IMG_4415.jpg"),
            photo!("IMG_4416.jpg"),
        ],
    },
    Line {
        minutes_later: 3,
        place: JANE,
        who: Who::Member(2),
        text: "The crack, close up.",
        files: &[photo!("IMG_4499_large.jpg" as "IMG_4499.jpg")],
    },
    Line {
        minutes_later: 15,
        place: Place::Contact(1),
        who: Who::Contact,
        text: "",
        files: &[photo!("IMG_2201.jpg" as "image.jpg")],
    },
    Line {
        minutes_later: 9,
        place: JANE,
        who: Who::Contact,
        text: "Thank you! One more thing, the bathroom tap does this since yesterday:",
        files: &[("VID_0042.mp4", "video/mp4", include_bytes!("../../../demo/VID_0042.mp4"))],
    },
    Line {
        minutes_later: 1,
        place: Place::Bucket,
        who: Who::Program { title: "Water under the washing machine", delivery: DeliveryType::Critical },
        text: "Sensor 4 in Jane Doe's bathroom is wet. The main valve is open.",
        files: &[photo!("bath-0.jpg" as "sensor-4.jpg")],
    },
    Line {
        minutes_later: 1,
        place: Place::Bucket,
        who: Who::Program { title: "Sensor 9 has a low battery", delivery: DeliveryType::Normal },
        text: "It lasts for about a week.",
        files: &[],
    },
    line(4, JANE, Who::Contact, "Is that something for today too, or should we make another appointment?"),
    line(1, JANE, Who::Contact, "I am at home until four."),
    line(1, JANE, Who::Contact, "It only drips when the machine runs."),
    Line {
        minutes_later: 4,
        place: Place::Channel("repairs"),
        who: Who::Member(2),
        text: "Gutter at number 14, seen from the yard. Needs a ladder.",
        files: &[photo!("IMG_4420.jpg"), photo!("IMG_4421.jpg")],
    },
];
