//! The duty desk: cases, events, clocks.
//!
//! A flagged story becomes a [`Case`]; every change of it is a [`CaseEvent`], and
//! [`apply`] is the only way from one state to the next. [`clocks`] reads how much of
//! each allowed time is used, [`deadlines_in`] finds deadlines in a directive's text,
//! [`detect`] decides whether a story is a case at all, [`alerts_due`] who is told of it now,
//! [`propose`] who should answer, [`handover`] what the next shift signs for.
//!
//! Pure: no SQL, no mail, no clock. `now` is a parameter.

mod action;
mod alert;
mod case;
mod claims;
mod clock;
mod clock_rule;
mod deadline;
mod detect;
mod handover;
mod quote;
mod registry;
mod state;

pub use action::{Action, DeadlineStage, PageChange};
pub use alert::{
    Alert, AlertCause, AlertPolicy, QuietHours, Rung, WarningPolicy, alert_text, alerts_due, clock_alerts, ladder,
};
pub use case::{Case, CaseEvent, CaseTimes, DeskError, Handling, NewCase, Spread, allowed_actions, apply, open};
pub use claims::{ClaimRow, Gap, Reach, claim_board};
pub use clock::{ClockLevel, ClockReading, clocks, next_deadline, next_warning, spoken};
pub use clock_rule::{BasisStatus, ClockEvent, ClockRule, ClockScope, ClockStart, ClockStop};
pub use deadline::{Deadline, deadlines_in};
pub use detect::{ArticleFacts, PROGRAM, StoryFacts, detect, progress};
pub use handover::{Handover, HandoverCase, handover};
pub use quote::{OfficialQuote, official_quotes};
pub use registry::{
    EXAMPLE_REGISTRY, FieldDuty, Found, Known, Officer, OnDuty, Organisation, OrganisationKind, Place, PlaceMention,
    Registry, RegistryFile, Roster, Route, RouteFacts, Shift, SpokesRank, Spokesperson, Validity, check_registry,
    load_registry, places, propose,
};
pub use state::{CaseState, DismissReason};
