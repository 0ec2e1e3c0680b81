//! SQL of the walks over sent files: which files, along which index, in which order. Their parameters are `$1` to `$6`
//! of the viewer, `$7` to `$14` of the query, `$13` of these the channel, `$15` and `$16` the cursor, `$17` the limit.

use const_format::concatcp;

use crate::channels::access::{MAIN_PHONE, VISIBLE};
use crate::files::attachments::store::ATTACHMENT_COLUMNS;

/// Joins the displayed columns to selected files: between the two is what selects `id, channel_id, message_id,
/// sender_id`, after them the order. If others were joined before the limit, SQLite would sort all files to show a few.
pub const SHOW: &str = concatcp!(
    "SELECT ",
    ATTACHMENT_COLUMNS,
    ", f.channel_id AS found_channel_id, f.message_id AS found_message_id, co.first_name, co.last_name, ",
    MAIN_PHONE,
    ", c.name AS channel_name, u.name AS member_name, COALESCE(m.created_at, a.created_at) AS sent_at FROM ("
);

pub const SHOWN: &str = ") f
             JOIN attachments a ON a.id = f.id
             JOIN channels c ON c.id = f.channel_id
             LEFT JOIN contacts co ON co.id = c.contact_id
             LEFT JOIN messages m ON m.id = f.message_id
             LEFT JOIN members me ON me.id = f.sender_id
             LEFT JOIN users u ON u.id = me.user_id ";

/// The ids of the channels that a member can view, by the rule of channels.
pub const VISIBLE_IDS: &str = concatcp!("(SELECT c.id FROM channels c WHERE ", VISIBLE, ")");

/// SQL condition: a sent file that is not deleted.
pub const LIVE: &str =
    "a.organization_id = $1 AND a.status = 'complete' AND a.deleted_at IS NULL AND a.message_id IS NOT NULL";

/// Sent files that a member can view, by the rule of channels, evaluated once for all of them.
const SENT: &str = concatcp!(LIVE, " AND a.channel_id IN ", VISIBLE_IDS);

/// The same, channel by channel.
const SENT_IN_CHANNELS: &str = concatcp!(VISIBLE, " AND a.channel_id = c.id AND ", LIVE);

/// `$7` kinds, `$8` person, `$9` only contacts, `$10` text, `$14` digits of a phone, `$11` and `$12` the range of
/// messages.
const WANTED: &str = r" AND a.message_id >= $11 AND a.message_id <= $12
          AND $7 LIKE '%' || a.kind || '%'
          AND ($8 IS NULL OR a.uploaded_by = $8 OR (a.uploaded_by IS NULL AND a.channel_id IN
            (SELECT ct.id FROM channels ct WHERE ct.contact_id = $8)))
          AND (NOT $9 OR a.uploaded_by IS NULL)
          AND ($10 IS NULL OR instr(a.search_text, $10) > 0
            OR EXISTS (SELECT 1 FROM messages w WHERE w.id = a.message_id AND instr(w.search_text, $10) > 0)
            OR a.channel_id IN (SELECT cs.id FROM contacts s JOIN channels cs ON cs.contact_id = s.id
              WHERE s.organization_id = $1 AND (instr(s.search_text, $10) > 0 OR instr(s.search_text, $14) > 0)))";

/// Files that another message has, in another channel than the first. The rest selects which of several messages
/// represents them, and closes the parenthesis.
const USED_ELSEWHERE: &str = concatcp!(
    "message_attachments l CROSS JOIN messages m CROSS JOIN attachments a
             WHERE l.elsewhere_id IN ",
    VISIBLE_IDS,
    " AND m.id = l.message_id AND m.deleted_at IS NULL AND a.id = l.attachment_id AND ",
    LIVE,
    r" AND l.message_id >= $11 AND l.message_id <= $12
              AND $7 LIKE '%' || a.kind || '%'
              AND ($8 IS NULL OR m.member_id = $8 OR m.contact_id = $8)
              AND (NOT $9 OR m.member_id IS NULL)
              AND ($10 IS NULL OR instr(a.search_text, $10) > 0 OR instr(m.search_text, $10) > 0
                OR l.elsewhere_id IN (SELECT cs.id FROM contacts s JOIN channels cs ON cs.contact_id = s.id
                  WHERE s.organization_id = $1 AND (instr(s.search_text, $10) > 0 OR instr(s.search_text, $14) > 0)))
              AND NOT EXISTS (SELECT 1 FROM message_attachments o JOIN messages om ON om.id = o.message_id
                WHERE o.attachment_id = l.attachment_id AND o.message_id < l.message_id AND om.deleted_at IS NULL AND "
);

/// Once per member, and only if they can't view it in its first channel.
const ONCE_FOR_ALL: &str = concatcp!(
    USED_ELSEWHERE,
    "o.elsewhere_id IN ",
    VISIBLE_IDS,
    ") AND a.channel_id NOT IN ",
    VISIBLE_IDS,
    " AND $13 IS NULL"
);

/// Once in the selected channel.
const ONCE_IN_CHANNEL: &str = concatcp!(USED_ELSEWHERE, "o.elsewhere_id = l.elsewhere_id) AND l.elsewhere_id = $13");

/// How each walk uses `$13`, the channel. SQLite joins the tables of a CROSS JOIN in the given order.
const ALONG_ORGANIZATION: &str = concatcp!("attachments a WHERE ", SENT, WANTED, " AND $13 IS NULL");
const ALONG_CHANNELS: &str =
    concatcp!("channels c CROSS JOIN attachments a WHERE ", SENT_IN_CHANNELS, WANTED, " AND $13 IS NULL");
const ALONG_CHANNEL: &str = concatcp!("attachments a WHERE ", SENT, WANTED, " AND a.channel_id = $13");

const OWN: &str = "SELECT * FROM (SELECT a.id, a.channel_id, a.message_id, a.uploaded_by AS sender_id FROM ";

const OWN_NEWEST: &str = " AND (a.message_id < $15 OR (a.message_id = $15 AND a.id > $16))
    ORDER BY a.message_id DESC, a.id LIMIT $17) own UNION ALL ";

const OWN_OLDEST: &str = " AND (a.message_id > $15 OR (a.message_id = $15 AND a.id > $16))
    ORDER BY a.message_id, a.id LIMIT $17) own UNION ALL ";

const USED: &str = "SELECT * FROM (SELECT a.id, l.elsewhere_id, l.message_id, m.member_id FROM ";

const USED_NEWEST: &str = " AND (l.message_id < $15 OR (l.message_id = $15 AND a.id > $16))
    ORDER BY l.message_id DESC, a.id LIMIT $17) used ORDER BY message_id DESC, id LIMIT $17";

const USED_OLDEST: &str = " AND (l.message_id > $15 OR (l.message_id = $15 AND a.id > $16))
    ORDER BY l.message_id, a.id LIMIT $17) used ORDER BY message_id, id LIMIT $17";

const SHOWN_NEWEST: &str = concatcp!(SHOWN, "ORDER BY f.message_id DESC, f.id");

const SHOWN_OLDEST: &str = concatcp!(SHOWN, "ORDER BY f.message_id, f.id");

const TOTALS: &str = "SELECT count(*), CAST(COALESCE(sum(file_size), 0) AS BIGINT) FROM (SELECT a.file_size FROM ";

const AND_USED: &str = " UNION ALL SELECT a.file_size FROM ";

/// The three queries of a walk.
pub struct Texts {
    pub newest_first: &'static str,
    pub oldest_first: &'static str,
    pub totals: &'static str,
}

pub const OF_ORGANIZATION: Texts = Texts {
    newest_first: concatcp!(SHOW, OWN, ALONG_ORGANIZATION, OWN_NEWEST, USED, ONCE_FOR_ALL, USED_NEWEST, SHOWN_NEWEST),
    oldest_first: concatcp!(SHOW, OWN, ALONG_ORGANIZATION, OWN_OLDEST, USED, ONCE_FOR_ALL, USED_OLDEST, SHOWN_OLDEST),
    totals: concatcp!(TOTALS, ALONG_ORGANIZATION, AND_USED, ONCE_FOR_ALL, ") found"),
};

pub const OF_CHANNELS: Texts = Texts {
    newest_first: concatcp!(SHOW, OWN, ALONG_CHANNELS, OWN_NEWEST, USED, ONCE_FOR_ALL, USED_NEWEST, SHOWN_NEWEST),
    oldest_first: concatcp!(SHOW, OWN, ALONG_CHANNELS, OWN_OLDEST, USED, ONCE_FOR_ALL, USED_OLDEST, SHOWN_OLDEST),
    totals: concatcp!(TOTALS, ALONG_CHANNELS, AND_USED, ONCE_FOR_ALL, ") found"),
};

pub const OF_CHANNEL: Texts = Texts {
    newest_first: concatcp!(SHOW, OWN, ALONG_CHANNEL, OWN_NEWEST, USED, ONCE_IN_CHANNEL, USED_NEWEST, SHOWN_NEWEST),
    oldest_first: concatcp!(SHOW, OWN, ALONG_CHANNEL, OWN_OLDEST, USED, ONCE_IN_CHANNEL, USED_OLDEST, SHOWN_OLDEST),
    totals: concatcp!(TOTALS, ALONG_CHANNEL, AND_USED, ONCE_IN_CHANNEL, ") found"),
};
