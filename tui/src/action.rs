//! What a person means: one table of actions. Keys, footer, help, palette and the key list of the manual hang on it.

/// Everything a key can mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    // Anywhere.
    Help,
    Palette,
    Find,
    NewConcern,
    Cover,
    Back,
    CloseView,
    Quit,
    GoToday,
    GoConcerns,
    GoCases,
    GoActions,
    GoExchange,
    GoMessages,
    GoRetention,
    GoToCheck,
    Go,
    Lock,
    NextPane,
    PrevPane,
    NextTab,
    PrevTab,
    Zoom,
    Undo,
    Refresh,
    // Lists.
    Down,
    Up,
    PageDown,
    PageUp,
    Top,
    Bottom,
    Open,
    Filter,
    // Concerns and cases.
    Triage,
    Amend,
    Versions,
    NewCase,
    AmendCase,
    CloseCase,
    ToggleClosed,
    // Chronology.
    AddEntry,
    Significant,
    SignificantNext,
    SignificantPrev,
    MonthNext,
    MonthPrev,
    MoreDetail,
    LessDetail,
    SetSignificance,
    Share,
    // Actions.
    AddAction,
    FinishAction,
    Reassign,
    DueDate,
    MineOnly,
    // People.
    AddPerson,
    AddRelation,
    AddAddress,
    AmendPerson,
    SamePerson,
    // Forms.
    NextField,
    PrevField,
    FinishField,
    LookUp,
    TimeNow,
    ChildsWords,
    CheckAnswers,
    UndoTyping,
    RedoTyping,
    Record,
    ChangeAnswer,
    DraftBack,
    DiscardDraft,
    Accept,
    // Shares that somebody else proposed.
    Approve,
    SendBack,
    // Exchange.
    FileBundle,
    Receipt,
    Decline,
    AnswerWithdrawal,
    Withdraw,
    ConsentEvent,
    ExchangeNow,
    DismissBundle,
    CompareWords,
    Inspect,
    // Retention.
    ProposeDisposal,
    ApproveDisposal,
    SendBackDisposal,
    LegalHold,
    RecordLeaving,
    SaveCertificate,
    // The share wizard.
    NextStep,
    PrevStep,
    Mark,
    MarkAll,
    MarkDates,
    DeclineSharing,
    RecordOnly,
    NextUndecided,
    PrevUndecided,
    Redact,
    RedactEverywhere,
    Keep,
    Unmark,
    StartMark,
    WidenMark,
    LeaveOut,
    Reason(u8),
    Send,
}

impl Action {
    /// Every action; a test holds that each is bound, or named among those bound nowhere on purpose.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let mut all: Vec<Self> = crate::keymap::TABLE.iter().map(|binding| binding.action).collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}
