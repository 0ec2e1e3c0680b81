pub mod model {
    crate::id_type!(MemberId);
}
