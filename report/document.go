package report

import "pstrail/evtxscan"

// The types of this file are the report after flattening: what every format
// writes. A field's tag is its key in JSON, and the order of the fields is the
// order of the keys; a key that the contract does not have stands last in its
// object. A field without a tag serves the other formats.

const schema = "pstrail/1"

type document struct {
	Schema   string      `json:"schema"`
	Tool     toolInfo    `json:"tool"`
	Scan     scanInfo    `json:"scan"`
	Options  optionInfo  `json:"options"`
	Case     caseInfo    `json:"case"`
	Rule     ruleInfo    `json:"rule"`
	Summary  summary     `json:"summary"`
	Findings []*finding  `json:"findings"`
	Timeline []entry     `json:"timeline"`
	Evidence []*evidence `json:"evidence"`
}

type toolInfo struct {
	Name    string   `json:"name"`
	Version string   `json:"version"`
	Commit  optional `json:"commit"`
}

type scanInfo struct {
	Started   optional `json:"started"`
	Finished  optional `json:"finished"`
	Arguments []string `json:"arguments"`
	Workers   int      `json:"workers"`
}

type optionInfo struct {
	Since    instant  `json:"since"`
	Until    instant  `json:"until"`
	Window   optional `json:"window"`
	Expect   struct{} `json:"expect"`
	LiveOnly bool     `json:"live_only"`
	Hash     bool     `json:"hash"`
	Carve    bool     `json:"carve"`
}

type caseInfo struct {
	ID       optional `json:"id"`
	Examiner optional `json:"examiner"`
}

type ruleInfo struct {
	ID        string      `json:"id"`
	Name      string      `json:"name"`
	Version   int         `json:"version"`
	Severity  string      `json:"severity"`
	RiskScore int         `json:"risk_score"`
	Query     string      `json:"query"`
	Attack    []technique `json:"attack"`
}

type technique struct {
	Tactic    string `json:"tactic"`
	Technique string `json:"technique"`
}

type summary struct {
	Status                statusInfo    `json:"status"`
	Verdicts              verdictCount  `json:"verdicts"`
	Calls                 int           `json:"calls"`
	WhatIfCalls           int           `json:"what_if_calls"`
	Mailboxes             []string      `json:"mailboxes"`
	MailboxPatterns       []string      `json:"mailbox_patterns"`
	PSTPaths              []string      `json:"pst_paths"`
	PSTPatterns           []string      `json:"pst_patterns"`
	Hosts                 []string      `json:"hosts"`
	Accounts              []string      `json:"accounts"`
	FirstTime             instant       `json:"first_time"`
	LastTime              instant       `json:"last_time"`
	ScriptBlocks          int           `json:"script_blocks"`
	ScriptBlocksPartial   int           `json:"script_blocks_incomplete"`
	ScriptBlocksEncrypted int           `json:"script_blocks_encrypted"`
	Coverage              []coverage    `json:"coverage"`
	Evidence              evidenceCount `json:"evidence"`
	Statement             string        `json:"statement"`
}

type statusInfo struct {
	Code     int      `json:"code"`
	Found    bool     `json:"found"`
	Examined bool     `json:"examined"`
	Reasons  []string `json:"reasons"`
}

type verdictCount struct {
	Call      int `json:"call"`
	Attempt   int `json:"attempt"`
	Undecided int `json:"undecided"`
	Latent    int `json:"latent"`
	Mention   int `json:"mention"`
}

type coverage struct {
	Host            string      `json:"host"`
	Channel         string      `json:"channel"`
	First           instant     `json:"first"`
	Last            instant     `json:"last"`
	Records         int64       `json:"records"`
	ScriptBlocks    int64       `json:"script_blocks"`
	Logging         string      `json:"logging"`
	IDGaps          [][2]uint64 `json:"id_gaps"`
	Cleared         []instant   `json:"cleared"`
	IDGapsTruncated bool        `json:"id_gaps_truncated"`
}

type evidenceCount struct {
	Intact     int `json:"intact"`
	Damaged    int `json:"damaged"`
	Incomplete int `json:"incomplete"`
	Unread     int `json:"unread"`
}

type finding struct {
	ID            string      `json:"id"`
	Source        string      `json:"source"`
	Verdict       string      `json:"verdict"`
	Reason        optional    `json:"reason"`
	Contested     bool        `json:"contested"`
	Time          instant     `json:"time"`
	LastTime      instant     `json:"last_time"`
	TimeMeans     string      `json:"time_means"`
	RuleMatch     ruleMatch   `json:"rule_match"`
	Host          optional    `json:"host"`
	Account       account     `json:"account"`
	Process       process     `json:"process"`
	ActivityID    optional    `json:"activity_id"`
	Channel       optional    `json:"channel"`
	Provider      optional    `json:"provider"`
	Level         uint8       `json:"level"`
	Script        script      `json:"script"`
	Records       []record    `json:"records"`
	Calls         []call      `json:"calls"`
	LatentCalls   []call      `json:"latent_calls"`
	CallsCut      bool        `json:"calls_truncated"`
	Nested        []nested    `json:"nested"`
	Context       []contextOf `json:"context"`
	Signals       []signal    `json:"signals"`
	SecondOpinion *opinion    `json:"second_opinion"`
	TimeRaw       rawTime     `json:"time_raw"`
	LastTimeRaw   rawTime     `json:"last_time_raw"`
}

type ruleMatch struct {
	Script    tri     `json:"script"`
	Fragments []int32 `json:"fragments"`
}

type account struct {
	SID   optional      `json:"sid"`
	Names []accountName `json:"names"`
}

type accountName struct {
	Name   string `json:"name"`
	Record string `json:"record"`
}

type process struct {
	PID      uint32 `json:"pid"`
	ThreadID uint32 `json:"thread_id"`
}

type script struct {
	BlockID      optional `json:"block_id"`
	Total        int32    `json:"total"`
	Present      []int32  `json:"present"`
	Missing      []int32  `json:"missing"`
	Complete     bool     `json:"complete"`
	Holes        []hole   `json:"holes"`
	Path         optional `json:"path"`
	Length       int      `json:"length"`
	SHA256       string   `json:"sha256"`
	Text         *string  `json:"text"`
	MissingCount int64    `json:"missing_count"`

	missing [][2]int32
}

type hole struct {
	At      int      `json:"at"`
	Numbers [2]int32 `json:"numbers"`
	Length  unknown  `json:"length"`
}

type record struct {
	Evidence    string   `json:"evidence"`
	Number      int32    `json:"number"`
	Time        instant  `json:"time"`
	Written     instant  `json:"written"`
	RecordID    uint64   `json:"record_id"`
	HeaderID    uint64   `json:"header_id"`
	Offset      int64    `json:"offset"`
	Size        uint32   `json:"size"`
	ChunkOffset int64    `json:"chunk_offset"`
	Class       string   `json:"class"`
	SHA256      optional `json:"sha256"`
	Conflict    bool     `json:"conflict"`
	BlockID     optional `json:"block_id"`
	TimeRaw     rawTime  `json:"time_raw"`
	WrittenRaw  rawTime  `json:"written_raw"`

	path  string // of the evidence item, with its member
	class evtxscan.Class
}

type call struct {
	Cmdlet         string      `json:"cmdlet"`
	Line           int         `json:"line"`
	Column         int         `json:"column"`
	Statement      string      `json:"statement"`
	Mailbox        *value      `json:"mailbox"`
	PSTPath        *value      `json:"pst_path"`
	PST            *pst        `json:"pst"`
	Parameters     []parameter `json:"parameters"`
	Targets        targets     `json:"targets"`
	WhatIf         tri         `json:"what_if"`
	Conditional    bool        `json:"conditional"`
	Via            []string    `json:"via"`
	Outcome        string      `json:"outcome"`
	OutcomeRecords []record    `json:"outcome_records"`
	Problems       []string    `json:"problems"`
}

type pst struct {
	Kind      string   `json:"kind"`
	Host      optional `json:"host"`
	Share     optional `json:"share"`
	Loopback  bool     `json:"loopback"`
	LocalPath optional `json:"local_path"`
}

type parameter struct {
	Name  string `json:"name"`
	Value *value `json:"value"`
}

type targets struct {
	Count        unknown  `json:"count"`
	EnumeratedBy optional `json:"enumerated_by"`
}

type value struct {
	Text     string   `json:"text"`
	Resolved bool     `json:"resolved"`
	Basis    optional `json:"basis"`
	Parts    []any    `json:"parts"` // textPart or openPart
	Values   []*value `json:"values"`
}

type textPart struct {
	Text string `json:"text"`
}

type openPart struct {
	Expression string   `json:"expression"`
	Origin     optional `json:"origin"`
	Default    *string  `json:"default"`
}

type nested struct {
	BlockID optional `json:"block_id"`
	Time    instant  `json:"time"`
	Records []record `json:"records"`
}

type contextOf struct {
	BlockID optional `json:"block_id"`
	Time    instant  `json:"time"`
	Records []record `json:"records"`
	Why     string   `json:"why"`
}

type signal struct {
	Name   string   `json:"name"`
	Detail optional `json:"detail"`
}

type opinion struct {
	Library string   `json:"library"`
	Result  string   `json:"result"`
	Detail  optional `json:"detail"`
}

// entry is one line of the timeline.
type entry struct {
	Time      instant     `json:"time"`
	TimeMeans string      `json:"time_means"`
	Kind      string      `json:"kind"`
	Host      optional    `json:"host"`
	Account   optional    `json:"account"`
	PID       uint32      `json:"pid"`
	Text      string      `json:"text"`
	Basis     string      `json:"basis"`
	Finding   optional    `json:"finding"`
	Record    recordPlace `json:"record"`
	TimeRaw   rawTime     `json:"time_raw"`

	path string
}

type recordPlace struct {
	Evidence string `json:"evidence"`
	RecordID uint64 `json:"record_id"`
	Offset   int64  `json:"offset"`
}

type evidence struct {
	ID              string      `json:"id"`
	Path            string      `json:"path"`
	Member          optional    `json:"member"`
	Also            []itemPath  `json:"also"`
	Size            int64       `json:"size"`
	SHA256          optional    `json:"sha256"`
	Kind            string      `json:"kind"`
	Form            optional    `json:"form"`
	State           string      `json:"state"`
	Flags           []string    `json:"flags"`
	Channels        []string    `json:"channels"`
	Hosts           []string    `json:"hosts"`
	Chunks          chunkCount  `json:"chunks"`
	Records         recordCount `json:"records"`
	RecordIDs       recordIDs   `json:"record_ids"`
	Time            timeSpan    `json:"time"`
	Issues          []issue     `json:"issues"`
	IssuesTruncated int         `json:"issues_truncated"`

	name string // path with member
}

type itemPath struct {
	Path   string   `json:"path"`
	Member optional `json:"member"`
}

type chunkCount struct {
	Slots       int64 `json:"slots"`
	Empty       int64 `json:"empty"`
	Skipped     int64 `json:"skipped"`
	Read        int64 `json:"read"`
	Foreign     int64 `json:"foreign"`
	BadChecksum int64 `json:"bad_checksum"`
}

type recordCount struct {
	Read      int64   `json:"read"`
	Recovered int64   `json:"recovered"`
	Skipped   int64   `json:"skipped"`
	Lost      unknown `json:"lost"`
	Slack     int64   `json:"slack"`
	Fragments int64   `json:"fragments"`
}

type recordIDs struct {
	First *uint64     `json:"first"`
	Last  *uint64     `json:"last"`
	Gaps  [][2]uint64 `json:"gaps"`
}

type timeSpan struct {
	First instant `json:"first"`
	Last  instant `json:"last"`
}

type issue struct {
	Offset int64   `json:"offset"`
	Kind   string  `json:"kind"`
	Detail string  `json:"detail"`
	Lost   unknown `json:"lost"`
}
