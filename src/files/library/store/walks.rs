//! The texts of the walks over sent files: which files, along which index, in which order. Their parameters are `$1` to `$5` of
//! the rule of channels, `$6` to `$13` of what is wanted, `$12` of these the channel, `$14` and `$15` the place, `$16` the limit.

/// Chosen files with all that is shown of them. `$chosen` selects `id, channel_id, message_id, sender_id`: where others are
/// joined before the limit, SQLite sorts all files to show a few.
macro_rules! show_files {
    ($chosen:expr, $order:expr) => {
        concat!(
            "SELECT ",
            attachment_columns!(),
            ", f.channel_id AS found_channel_id, f.message_id AS found_message_id, co.first_name, co.last_name, ",
            main_phone!(),
            ", c.name AS channel_name, u.name AS member_name, COALESCE(m.created_at, a.created_at) AS sent_at FROM (",
            $chosen,
            ") f
             JOIN attachments a ON a.id = f.id
             JOIN channels c ON c.id = f.channel_id
             LEFT JOIN contacts co ON co.id = c.contact_id
             LEFT JOIN messages m ON m.id = f.message_id
             LEFT JOIN members me ON me.id = f.sender_id
             LEFT JOIN users u ON u.id = me.user_id ",
            $order
        )
    };
}

/// The ids of the channels that a member sees, by the rule of channels.
macro_rules! visible_ids {
    () => {
        concat!("(SELECT c.id FROM channels c WHERE ", visible!(), ")")
    };
}

/// Files that are there to be found.
macro_rules! live {
    () => {
        "a.organization_id = $1 AND a.status = 'complete' AND a.deleted_at IS NULL AND a.message_id IS NOT NULL"
    };
}

/// Sent files that a member sees, by the rule of channels, asked once for all of them.
macro_rules! sent {
    () => {
        concat!(live!(), " AND a.channel_id IN ", visible_ids!())
    };
}

/// The same, channel by channel.
macro_rules! sent_in_channels {
    () => {
        concat!(visible!(), " AND a.channel_id = c.id AND ", live!())
    };
}

/// `$6` kinds, `$7` person, `$8` only contacts, `$9` text, `$13` digits of a phone, `$10` and `$11` the messages between which they were
/// sent.
macro_rules! wanted {
    () => {
        r" AND a.message_id >= $10 AND a.message_id <= $11
          AND $6 LIKE '%' || a.kind || '%'
          AND ($7 IS NULL OR a.uploaded_by = $7 OR (a.uploaded_by IS NULL AND a.channel_id IN
            (SELECT ct.id FROM channels ct WHERE ct.contact_id = $7)))
          AND (NOT $8 OR a.uploaded_by IS NULL)
          AND ($9 IS NULL OR instr(a.search_text, $9) > 0
            OR EXISTS (SELECT 1 FROM messages w WHERE w.id = a.message_id AND instr(w.search_text, $9) > 0)
            OR a.channel_id IN (SELECT cs.id FROM contacts s JOIN channels cs ON cs.contact_id = s.id
              WHERE s.organization_id = $1 AND (instr(s.search_text, $9) > 0 OR instr(s.search_text, $13) > 0)))"
    };
}

/// Files that a further message has, in another channel than the first: `$once` is which of several messages stands for them.
macro_rules! used_elsewhere {
    ($once:expr) => {
        concat!(
            "message_attachments l CROSS JOIN messages m CROSS JOIN attachments a
             WHERE l.elsewhere_id IN ",
            visible_ids!(),
            " AND m.id = l.message_id AND m.deleted_at IS NULL AND a.id = l.attachment_id AND ",
            live!(),
            r" AND l.message_id >= $10 AND l.message_id <= $11
              AND $6 LIKE '%' || a.kind || '%'
              AND ($7 IS NULL OR m.member_id = $7 OR m.contact_id = $7)
              AND (NOT $8 OR m.member_id IS NULL)
              AND ($9 IS NULL OR instr(a.search_text, $9) > 0 OR instr(m.search_text, $9) > 0
                OR l.elsewhere_id IN (SELECT cs.id FROM contacts s JOIN channels cs ON cs.contact_id = s.id
                  WHERE s.organization_id = $1 AND (instr(s.search_text, $9) > 0 OR instr(s.search_text, $13) > 0)))
              AND NOT EXISTS (SELECT 1 FROM message_attachments o JOIN messages om ON om.id = o.message_id
                WHERE o.attachment_id = l.attachment_id AND o.message_id < l.message_id AND om.deleted_at IS NULL AND ",
            $once,
            ")"
        )
    };
}
/// Once for a member, and only where they do not see it in its first channel.
macro_rules! once_for_all {
    () => {
        concat!(
            used_elsewhere!(concat!("o.elsewhere_id IN ", visible_ids!())),
            " AND a.channel_id NOT IN ",
            visible_ids!(),
            " AND $12 IS NULL"
        )
    };
}
/// Once in the channel that is wanted.
macro_rules! once_in_channel {
    () => {
        concat!(used_elsewhere!("o.elsewhere_id = l.elsewhere_id"), " AND l.elsewhere_id = $12")
    };
}

/// What `$12`, the channel, has to do with each walk. SQLite takes the tables of a CROSS JOIN in the order in which they stand.
macro_rules! along_organization {
    () => {
        concat!("attachments a WHERE ", sent!(), wanted!(), " AND $12 IS NULL")
    };
}
macro_rules! along_channels {
    () => {
        concat!("channels c CROSS JOIN attachments a WHERE ", sent_in_channels!(), wanted!(), " AND $12 IS NULL")
    };
}
macro_rules! along_channel {
    () => {
        concat!("attachments a WHERE ", sent!(), wanted!(), " AND a.channel_id = $12")
    };
}

macro_rules! newest_first {
    ($walk:expr, $elsewhere:expr) => {
        show_files!(
            concat!(
                "SELECT * FROM (SELECT a.id, a.channel_id, a.message_id, a.uploaded_by AS sender_id FROM ",
                $walk,
                " AND (a.message_id < $14 OR (a.message_id = $14 AND a.id > $15))
                  ORDER BY a.message_id DESC, a.id LIMIT $16) own
                 UNION ALL
                 SELECT * FROM (SELECT a.id, l.elsewhere_id, l.message_id, m.member_id FROM ",
                $elsewhere,
                " AND (l.message_id < $14 OR (l.message_id = $14 AND a.id > $15))
                  ORDER BY l.message_id DESC, a.id LIMIT $16) used
                 ORDER BY message_id DESC, id LIMIT $16"
            ),
            "ORDER BY f.message_id DESC, f.id"
        )
    };
}
macro_rules! oldest_first {
    ($walk:expr, $elsewhere:expr) => {
        show_files!(
            concat!(
                "SELECT * FROM (SELECT a.id, a.channel_id, a.message_id, a.uploaded_by AS sender_id FROM ",
                $walk,
                " AND (a.message_id > $14 OR (a.message_id = $14 AND a.id > $15))
                  ORDER BY a.message_id, a.id LIMIT $16) own
                 UNION ALL
                 SELECT * FROM (SELECT a.id, l.elsewhere_id, l.message_id, m.member_id FROM ",
                $elsewhere,
                " AND (l.message_id > $14 OR (l.message_id = $14 AND a.id > $15))
                  ORDER BY l.message_id, a.id LIMIT $16) used
                 ORDER BY message_id, id LIMIT $16"
            ),
            "ORDER BY f.message_id, f.id"
        )
    };
}
