//! What an error speaks of.

use std::fmt;

macro_rules! named {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $(#[doc = concat!("The ", $text, ".")] $variant,)*
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.to_string(), f)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self {
                    $(Self::$variant => $text,)*
                })
            }
        }
    };
}

named! {
    /// A message, a field of one, or a code that people type.
    Part {
        AuthorityName = "authority's name",
        AuthorityProfile = "authority profile",
        AuthoritySealedKey = "authority's sealed key",
        AuthorityUploadKey = "authority's upload key",
        CheckInLink = "check-in link",
        CheckInRecord = "check-in record",
        Code = "code",
        CodeBinding = "code binding",
        Day = "day",
        Diary = "diary",
        EntryCode = "entry code",
        ExposureId = "exposure id",
        Findings = "findings",
        HandoverClockKey = "handover's clock key",
        HandoverLogKey = "handover's log key",
        HandoverSignature = "handover's signature",
        HandoverUploadKey = "handover's upload key",
        Identity = "identity",
        IdentityKey = "identity key",
        KeyData = "key data",
        Link = "link",
        ListOfTraces = "list of traces",
        LocationData = "location data",
        LogKey = "log key",
        ClockKey = "clock key",
        MasterPublicKey = "master public key",
        MasterSecretKey = "master secret key",
        Message = "message",
        Note = "note",
        Notice = "notice",
        NoticeDetails = "notice details",
        NoticeNonce = "notice's nonce",
        NotificationKey = "notification key",
        Organisation = "organisation",
        OrganisationChainKey = "organisation's chain key",
        OrganisationKey = "organisation's key",
        OrganisationPublicKey = "organisation's public key",
        OrganisationRecord = "organisation's record",
        PatientMasterKey = "patient master key",
        PreIdentityNonce = "pre-identity nonce",
        PreTrace = "pre-trace",
        PreTraceKey = "pre-trace's key",
        Profile = "profile",
        ProfileSignature = "profile's signature",
        ProfileText = "profile's text",
        Proof = "proof",
        ProofMasterPublicKey = "proof's master public key",
        Room = "room",
        RoomKey = "room's key",
        RoomPublicKey = "room's public key",
        SealedUpload = "sealed upload",
        Seed = "seed",
        StartOfTheHour = "start of the hour",
        Text = "text",
        TimeKeyNonce = "time key nonce",
        TimeZone = "time zone",
        Trace = "trace",
        TraceCode = "trace code",
        Upload = "upload",
        UploadCode = "upload code",
        UploadKey = "upload key",
        UploadOfVisits = "upload of visits",
        UploadTicket = "upload ticket",
        Validity = "validity",
        Vault = "vault",
        VenueAddress = "venue's address",
        VenueDetails = "venue details",
        VenueHalf = "venue's half of the identity key",
        VenueName = "venue's name",
        VenueSecretKey = "venue's secret key",
        VisitId = "visit id",
        Window = "window",
        WindowCode = "window code",
        Work = "work",
    }
}

named! {
    /// What there can be too many of.
    Unit {
        Contacts = "contacts",
        Handovers = "handovers of keys",
        Hours = "hours",
        Texts = "texts",
    }
}
