//! SQL of the walks over sent files: which files, along which index, in which order. Their parameters are `$1` to `$6`
//! of the viewer, `$7` to `$14` of the query, `$13` of these the channel, `$15` and `$16` the cursor, `$17` the limit, `$18` a list
//! of messages.

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
const VISIBLE_IDS: &str = concatcp!("(SELECT c.id FROM channels c WHERE ", VISIBLE, ")");

/// SQL condition: a member can view the channel with the id before it. Asked for each file that is read: there may be
/// 100,000 channels.
const HERE: &str = concatcp!(" AND ", VISIBLE, ")");
pub const IN_VISIBLE: &str = concatcp!("EXISTS (SELECT 1 FROM channels c WHERE c.id = a.channel_id", HERE);
pub const MESSAGE_IS_VISIBLE: &str = concatcp!("EXISTS (SELECT 1 FROM channels c WHERE c.id = m.channel_id", HERE);
const LINK_IS_VISIBLE: &str = concatcp!("EXISTS (SELECT 1 FROM channels c WHERE c.id = l.elsewhere_id", HERE);
const OR_WANTED: &str = concatcp!(" AND ($13 IS NULL OR c.id = $13)", HERE);
const IN_WANTED: &str = concatcp!("EXISTS (SELECT 1 FROM channels c WHERE c.id = a.channel_id", OR_WANTED);
const LINK_IS_WANTED: &str = concatcp!("EXISTS (SELECT 1 FROM channels c WHERE c.id = l.elsewhere_id", OR_WANTED);
const OTHER_IS_VISIBLE: &str = concatcp!("EXISTS (SELECT 1 FROM channels c WHERE c.id = o.elsewhere_id", HERE);

/// SQL condition: a sent file that is not deleted.
pub const LIVE: &str =
    "a.organization_id = $1 AND a.status = 'complete' AND a.deleted_at IS NULL AND a.message_id IS NOT NULL";

/// The same for a file of a visible message, which is of the same organization. SQLite would read all files of an organization,
/// or all with a status, instead of those of the message.
pub const LIVE_OF_LINK: &str =
    "COALESCE(a.status, '') = 'complete' AND a.deleted_at IS NULL AND a.message_id IS NOT NULL";

/// Sent files that a member can view, by the rule of channels.
const SENT: &str = concatcp!(LIVE, " AND ", IN_VISIBLE);

/// The same, channel by channel.
const SENT_IN_CHANNELS: &str = concatcp!(VISIBLE, " AND a.channel_id = c.id AND ", LIVE);

/// `$7` kinds, `$8` person, `$9` only contacts, `$11` and `$12` the range of messages. In a search that reads the files, `$10`
/// is a word that they have, and `$14` the channels of contacts that have one of the words, as JSON: `search.rs` compares the
/// rest.
const WANTED: &str = concatcp!(" AND a.message_id >= $11 AND a.message_id <= $12", MATCHING);
const MATCHING: &str = r"
          AND $7 LIKE '%' || a.kind || '%'
          AND ($8 IS NULL OR a.uploaded_by = $8 OR (a.uploaded_by IS NULL AND a.channel_id IN
            (SELECT ct.id FROM channels ct WHERE ct.contact_id = $8)))
          AND (NOT $9 OR a.uploaded_by IS NULL)
          AND ($10 IS NULL OR instr(a.search_text, $10) > 0
            OR EXISTS (SELECT 1 FROM messages w WHERE w.id = a.message_id AND instr(w.search_text, $10) > 0)
            OR a.channel_id IN (SELECT unhex(k.value) FROM json_each($14) k))";

/// Files that another message has, in another channel than the first. The rest selects which of several messages
/// represents them, and closes the parenthesis.
const ELSEWHERE: &str = concatcp!(
    " AND m.id = l.message_id AND m.deleted_at IS NULL AND a.id = l.attachment_id AND ",
    LIVE_OF_LINK,
    r" AND l.message_id >= $11 AND l.message_id <= $12
              AND $7 LIKE '%' || a.kind || '%'
              AND ($8 IS NULL OR m.member_id = $8 OR m.contact_id = $8)
              AND (NOT $9 OR m.member_id IS NULL)
              AND ($10 IS NULL OR instr(a.search_text, $10) > 0 OR instr(m.search_text, $10) > 0
                OR l.elsewhere_id IN (SELECT unhex(k.value) FROM json_each($14) k))
              AND NOT EXISTS (SELECT 1 FROM message_attachments o JOIN messages om ON om.id = o.message_id
                WHERE o.attachment_id = l.attachment_id AND o.message_id < l.message_id AND om.deleted_at IS NULL AND "
);

/// Once per member, and only if they can't view it in its first channel.
const ONCE_PER_MEMBER: &str = concatcp!(ELSEWHERE, OTHER_IS_VISIBLE, ") AND NOT ", IN_VISIBLE, " AND $13 IS NULL");

/// Once in each channel.
const ONCE_PER_CHANNEL: &str = concatcp!(ELSEWHERE, "o.elsewhere_id = l.elsewhere_id)");

const LINKS: &str = "message_attachments l CROSS JOIN messages m CROSS JOIN attachments a WHERE ";
const ONCE_FOR_ALL: &str = concatcp!(LINKS, "l.elsewhere_id IN ", VISIBLE_IDS, ONCE_PER_MEMBER);
const ONCE_IN_CHANNEL: &str = concatcp!(LINKS, LINK_IS_VISIBLE, ONCE_PER_CHANNEL, " AND l.elsewhere_id = $13");

/// How each walk uses `$13`, the channel. SQLite joins the tables of a CROSS JOIN in the given order.
const ALONG_ORGANIZATION: &str = concatcp!("attachments a WHERE ", SENT, WANTED, " AND $13 IS NULL");
const ALONG_CHANNELS: &str =
    concatcp!("channels c CROSS JOIN attachments a WHERE ", SENT_IN_CHANNELS, WANTED, " AND $13 IS NULL");
const ALONG_CHANNEL: &str = concatcp!("attachments a WHERE ", SENT, WANTED, " AND a.channel_id = $13");

/// The files of the messages `$18`, as JSON, in the channel `$13` or in all.
const OF_LISTED: &str = concatcp!(
    "json_each($18) e CROSS JOIN attachments a WHERE a.message_id = unhex(e.value)
       AND unhex(e.value) >= $11 AND unhex(e.value) <= $12 AND ",
    LIVE_OF_LINK,
    " AND ",
    IN_WANTED,
    MATCHING
);
const LISTED_LINKS: &str = concatcp!(
    "json_each($18) e CROSS JOIN ",
    LINKS,
    "l.message_id = unhex(e.value) AND l.elsewhere_id IS NOT NULL AND ",
    LINK_IS_WANTED
);
const LISTED_FOR_ALL: &str = concatcp!(LISTED_LINKS, ONCE_PER_MEMBER);
const LISTED_IN_CHANNEL: &str = concatcp!(LISTED_LINKS, ONCE_PER_CHANNEL);

const OWN: &str = "SELECT * FROM (SELECT a.id, a.channel_id, a.message_id, a.uploaded_by AS sender_id FROM ";

const OWN_NEWEST: &str = " AND (a.message_id < $15 OR (a.message_id = $15 AND a.id > $16))
    ORDER BY a.message_id DESC, a.id LIMIT CAST($17 AS BIGINT)) own UNION ALL ";

const OWN_OLDEST: &str = " AND (a.message_id > $15 OR (a.message_id = $15 AND a.id > $16))
    ORDER BY a.message_id, a.id LIMIT CAST($17 AS BIGINT)) own UNION ALL ";

const USED: &str = "SELECT * FROM (SELECT a.id, l.elsewhere_id, l.message_id, m.member_id FROM ";

const USED_NEWEST: &str = " AND (l.message_id < $15 OR (l.message_id = $15 AND a.id > $16))
    ORDER BY l.message_id DESC, a.id LIMIT CAST($17 AS BIGINT)) used ORDER BY message_id DESC, id LIMIT CAST($17 AS BIGINT)";

const USED_OLDEST: &str = " AND (l.message_id > $15 OR (l.message_id = $15 AND a.id > $16))
    ORDER BY l.message_id, a.id LIMIT CAST($17 AS BIGINT)) used ORDER BY message_id, id LIMIT CAST($17 AS BIGINT)";

const SHOWN_NEWEST: &str = concatcp!(SHOWN, "ORDER BY f.message_id DESC, f.id");

const SHOWN_OLDEST: &str = concatcp!(SHOWN, "ORDER BY f.message_id, f.id");

/// The texts of files that a search compares, in the order of its walk.
const COMPARE: &str =
    "SELECT f.id, f.channel_id, f.message_id, a.file_size, a.search_text AS name, m.search_text AS said FROM (";

const COMPARED: &str = ") f JOIN attachments a ON a.id = f.id JOIN messages m ON m.id = f.message_id ";

const COMPARED_NEWEST: &str = concatcp!(COMPARED, "ORDER BY f.message_id DESC, f.id");

const COMPARED_OLDEST: &str = concatcp!(COMPARED, "ORDER BY f.message_id, f.id");

const TOTALS: &str = "SELECT count(*), CAST(COALESCE(sum(file_size), 0) AS BIGINT) FROM (SELECT a.file_size FROM ";

const AND_USED: &str = " UNION ALL SELECT a.file_size FROM ";

/// The same by the sums of conversations, without a sender or a time: `$15` is whether only some kinds are wanted. Only the
/// files that are shown elsewhere are counted.
const SUMMED: &str = " t.files, t.bytes FROM ";
const SUMS: &str = concatcp!(
    " WHERE t.channel_id = c.id AND ",
    VISIBLE,
    " AND ($13 IS NULL OR c.id = $13) AND (NOT $15 OR $7 LIKE '%' || t.kind || '%') AND (NOT $9 OR t.from_contact)"
);
const ALL_SUMS: &str = concatcp!(
    "SELECT CAST(COALESCE(sum(files), 0) AS BIGINT), CAST(COALESCE(sum(bytes), 0) AS BIGINT) FROM (SELECT",
    SUMMED,
    "channels c CROSS JOIN file_totals t",
    SUMS,
    " UNION ALL SELECT",
    SUMMED,
    "file_total_changes t CROSS JOIN channels c",
    SUMS,
    " UNION ALL SELECT 1, a.file_size FROM "
);

/// The queries of a walk.
pub struct Texts {
    pub newest_first: &'static str,
    pub oldest_first: &'static str,
    pub totals: &'static str,
    pub sums: &'static str,
}

pub const OF_ORGANIZATION: Texts = Texts {
    newest_first: concatcp!(SHOW, OWN, ALONG_ORGANIZATION, OWN_NEWEST, USED, ONCE_FOR_ALL, USED_NEWEST, SHOWN_NEWEST),
    oldest_first: concatcp!(SHOW, OWN, ALONG_ORGANIZATION, OWN_OLDEST, USED, ONCE_FOR_ALL, USED_OLDEST, SHOWN_OLDEST),
    totals: concatcp!(TOTALS, ALONG_ORGANIZATION, AND_USED, ONCE_FOR_ALL, ") found"),
    sums: concatcp!(ALL_SUMS, ONCE_FOR_ALL, ") summed"),
};

pub const OF_CHANNELS: Texts = Texts {
    newest_first: concatcp!(SHOW, OWN, ALONG_CHANNELS, OWN_NEWEST, USED, ONCE_FOR_ALL, USED_NEWEST, SHOWN_NEWEST),
    oldest_first: concatcp!(SHOW, OWN, ALONG_CHANNELS, OWN_OLDEST, USED, ONCE_FOR_ALL, USED_OLDEST, SHOWN_OLDEST),
    totals: concatcp!(TOTALS, ALONG_CHANNELS, AND_USED, ONCE_FOR_ALL, ") found"),
    sums: concatcp!(ALL_SUMS, ONCE_FOR_ALL, ") summed"),
};

pub const OF_CHANNEL: Texts = Texts {
    newest_first: concatcp!(SHOW, OWN, ALONG_CHANNEL, OWN_NEWEST, USED, ONCE_IN_CHANNEL, USED_NEWEST, SHOWN_NEWEST),
    oldest_first: concatcp!(SHOW, OWN, ALONG_CHANNEL, OWN_OLDEST, USED, ONCE_IN_CHANNEL, USED_OLDEST, SHOWN_OLDEST),
    totals: concatcp!(TOTALS, ALONG_CHANNEL, AND_USED, ONCE_IN_CHANNEL, ") found"),
    sums: concatcp!(ALL_SUMS, ONCE_IN_CHANNEL, ") summed"),
};

/// The two queries of the candidates of a search.
pub struct Candidates {
    pub newest_first: &'static str,
    pub oldest_first: &'static str,
}

pub const IN_ORGANIZATION: Candidates = Candidates {
    newest_first: concatcp!(
        COMPARE,
        OWN,
        ALONG_ORGANIZATION,
        OWN_NEWEST,
        USED,
        ONCE_FOR_ALL,
        USED_NEWEST,
        COMPARED_NEWEST
    ),
    oldest_first: concatcp!(
        COMPARE,
        OWN,
        ALONG_ORGANIZATION,
        OWN_OLDEST,
        USED,
        ONCE_FOR_ALL,
        USED_OLDEST,
        COMPARED_OLDEST
    ),
};

pub const IN_CHANNELS: Candidates = Candidates {
    newest_first: concatcp!(COMPARE, OWN, ALONG_CHANNELS, OWN_NEWEST, USED, ONCE_FOR_ALL, USED_NEWEST, COMPARED_NEWEST),
    oldest_first: concatcp!(COMPARE, OWN, ALONG_CHANNELS, OWN_OLDEST, USED, ONCE_FOR_ALL, USED_OLDEST, COMPARED_OLDEST),
};

pub const IN_CHANNEL: Candidates = Candidates {
    newest_first: concatcp!(
        COMPARE,
        OWN,
        ALONG_CHANNEL,
        OWN_NEWEST,
        USED,
        ONCE_IN_CHANNEL,
        USED_NEWEST,
        COMPARED_NEWEST
    ),
    oldest_first: concatcp!(
        COMPARE,
        OWN,
        ALONG_CHANNEL,
        OWN_OLDEST,
        USED,
        ONCE_IN_CHANNEL,
        USED_OLDEST,
        COMPARED_OLDEST
    ),
};

pub const IN_MESSAGES: Candidates = Candidates {
    newest_first: concatcp!(COMPARE, OWN, OF_LISTED, OWN_NEWEST, USED, LISTED_FOR_ALL, USED_NEWEST, COMPARED_NEWEST),
    oldest_first: concatcp!(COMPARE, OWN, OF_LISTED, OWN_OLDEST, USED, LISTED_FOR_ALL, USED_OLDEST, COMPARED_OLDEST),
};

pub const IN_MESSAGES_OF_CHANNEL: Candidates = Candidates {
    newest_first: concatcp!(COMPARE, OWN, OF_LISTED, OWN_NEWEST, USED, LISTED_IN_CHANNEL, USED_NEWEST, COMPARED_NEWEST),
    oldest_first: concatcp!(COMPARE, OWN, OF_LISTED, OWN_OLDEST, USED, LISTED_IN_CHANNEL, USED_OLDEST, COMPARED_OLDEST),
};
