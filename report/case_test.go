package report

import (
	"crypto/sha256"
	"time"

	"pstrail/detect"
	"pstrail/evtxscan"
)

// at returns a time of the canonical case, with ticks that seconds lose.
func at(day, hour, minute, second int) evtxscan.FileTime {
	return evtxscan.FileTimeOf(time.Date(2026, 1, day, hour, minute, second, 123_456_700, time.UTC))
}

const (
	longSID = "S-1-5-21-1004336348-1177238915-682003330-1105"
	hostEX  = "ex01.corp.example"
	hostWS  = "ws-114.corp.example"
)

// fragment returns a record of item, the n-th in its chunk.
func fragment(item *evtxscan.Item, n int, host string, when evtxscan.FileTime, number, total int32, blockID, text string) *evtxscan.Fragment {
	offset := int64(4096 + 512 + n*2048)
	return &evtxscan.Fragment{
		Place: evtxscan.Place{Item: item, Offset: offset, Size: 1816, ChunkOffset: 4096, Sound: true},
		System: evtxscan.System{
			Provider: "Microsoft-Windows-PowerShell", Channel: evtxscan.ChannelWindowsPowerShell, Computer: host,
			EventID: 4104, Level: 5, ProcessID: 4712, ThreadID: 3388,
			ActivityID: "9f2f6ad4-0b7c-4c67-8c3d-0a4f5c1f2b10", UserSID: longSID,
			RecordID: uint64(8800 + n), Time: when,
		},
		HeaderID: uint64(8800 + n), Written: when + 40_000, Shape: evtxscan.FormNative,
		Number: number, Total: total, BlockID: blockID, Text: text,
		SHA256: sha256.Sum256([]byte(text)),
	}
}

func block(total int32, text string, pieces ...*evtxscan.Fragment) *evtxscan.ScriptBlock {
	b := &evtxscan.ScriptBlock{Computer: pieces[0].Computer, BlockID: pieces[0].BlockID, Total: total, Text: text}
	for _, p := range pieces {
		b.Pieces = append(b.Pieces, evtxscan.Piece{Number: p.Number, Text: p.Text, Records: []*evtxscan.Fragment{p}})
	}
	return b
}

func known(text string, basis detect.Basis) *detect.Value {
	return &detect.Value{Parts: []detect.Part{{Text: text}}, Basis: basis}
}

// canonicalCase is one report with everything that a report can show: each
// verdict, values known and not, hostile text, evidence in each state.
func canonicalCase() *Report {
	ex := &evtxscan.Item{
		ID: "e1", Path: "evidence/EX01/Microsoft-Windows-PowerShell%4Operational.evtx", Size: 1_118_208,
		SHA256: "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef", Kind: evtxscan.KindEVTX,
		Form: evtxscan.FormNative, State: evtxscan.Intact, Flags: []string{"dirty"},
		Also:     []evtxscan.ItemPath{{Path: "evidence/copies/ps.evtx"}},
		Channels: []string{evtxscan.ChannelWindowsPowerShell}, Hosts: []string{hostEX},
		Chunks:    evtxscan.ChunkCount{Slots: 17, Empty: 2, Skipped: 9, Read: 6},
		Records:   evtxscan.RecordCount{Read: 412, Skipped: 811, Fragments: 131},
		RecordIDs: evtxscan.IDRange{Known: true, First: 8001, Last: 9223},
		First:     at(9, 6, 0, 1), Last: at(13, 22, 9, 58),
	}
	archived := &evtxscan.Item{
		ID: "e2", Path: "evidence/EX01.zip", Member: "logs/Archive-PowerShell.evtx", Size: 1_052_672,
		Kind: evtxscan.KindEVTX, Form: evtxscan.FormExported, State: evtxscan.Damaged,
		Channels: []string{evtxscan.ChannelWindowsPowerShell}, Hosts: []string{hostEX},
		Chunks:    evtxscan.ChunkCount{Slots: 16, Read: 16, BadChecksum: 1},
		Records:   evtxscan.RecordCount{Read: 300, Recovered: 2, Fragments: 12},
		RecordIDs: evtxscan.IDRange{Known: true, First: 7701, Last: 8000},
		First:     at(7, 1, 2, 3), Last: at(9, 6, 0, 0),
		Issues: []evtxscan.Issue{{Offset: 69632, Kind: evtxscan.IssueDataChecksum, Detail: "the records of the chunk have CRC 0x1f2e3d4c, its header says 0x00000000"}},
	}
	workstation := &evtxscan.Item{
		ID: "e3", Path: "evidence/WS-114/PowerShell.evtx", Size: 73_216, Kind: evtxscan.KindEVTX,
		Form: evtxscan.FormNative, State: evtxscan.Incomplete,
		Channels: []string{evtxscan.ChannelWindowsPowerShell}, Hosts: []string{hostWS},
		Chunks:    evtxscan.ChunkCount{Slots: 2, Read: 1, Foreign: 1},
		Records:   evtxscan.RecordCount{Read: 61, Lost: 7, Slack: 1, Fragments: 4},
		RecordIDs: evtxscan.IDRange{Known: true, First: 100, Last: 167, Gaps: [][2]uint64{{120, 125}, {131, 131}}},
		First:     at(11, 7, 0, 0), Last: at(12, 9, 0, 0),
		Issues: []evtxscan.Issue{
			{Offset: 69_000, Kind: evtxscan.IssueRecord, Detail: "record 120 ends beyond its chunk", Lost: 6},
			{Offset: 69_632, Kind: evtxscan.IssueTruncated, Detail: "the last slot has 3584 of 65536 bytes", Lost: -1},
		},
	}
	unread := &evtxscan.Item{
		ID: "e4", Path: "evidence/\u202enotes.evtx", Kind: evtxscan.KindOther, State: evtxscan.Unread,
		Records: evtxscan.RecordCount{Lost: -1}, Size: 12,
		Issues: []evtxscan.Issue{{Kind: evtxscan.IssueNotALog, Detail: "not an event log: begins with 68 65 6c 6c", Lost: -1}},
	}
	r := &Report{
		Tool: Tool{Name: "pstrail", Version: "1.0.0", Commit: "0123abcd"},
		Scan: Scan{Started: "2026-02-01T10:00:00Z", Finished: "2026-02-01T10:00:03Z", Arguments: []string{"evidence"}, Workers: 4},
		Options: Options{
			Since: evtxscan.FileTimeOf(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)), Hash: true,
		},
		Case: Case{ID: "2026-017", Examiner: "J. Doe"},
		Rule: detect.ElasticRule(),
		Evidence: &evtxscan.Evidence{
			Items: []*evtxscan.Item{ex, archived, workstation, unread},
			Coverage: []evtxscan.Coverage{
				{
					Host: hostEX, Channel: evtxscan.ChannelWindowsPowerShell, First: at(7, 1, 2, 3), Last: at(13, 22, 9, 58),
					Records: 1523, ScriptBlocks: 143, Logging: evtxscan.LoggingFull, Cleared: []evtxscan.FileTime{at(8, 3, 0, 0)},
				},
				{
					Host: hostWS, Channel: evtxscan.ChannelWindowsPowerShell, First: at(11, 7, 0, 0), Last: at(12, 9, 0, 0),
					Records: 61, ScriptBlocks: 4, Logging: evtxscan.LoggingSuspicious, IDGaps: [][2]uint64{{120, 125}, {131, 131}},
				},
			},
			ScriptBlocks: 97, Incomplete: 1, Encrypted: 1,
		},
	}
	r.Findings = []*detect.Finding{
		resolvedCall(ex), bulkCall(ex, archived), attempt(ex), undecided(ex), latent(workstation),
		mentions(ex), hostileMention(workstation),
	}
	return r
}

func newFinding(id string, v detect.Verdict, blocks ...*evtxscan.ScriptBlock) *detect.Finding {
	first, last := blocks[0].First(), blocks[len(blocks)-1].First()
	return &detect.Finding{
		ID: id, Source: "4104", Verdict: v, Time: first.Time, LastTime: last.Time,
		TimeMeans: "block started; first run logged", Blocks: blocks,
		Account:       detect.Account{SID: longSID},
		SecondOpinion: evtxscan.Opinion{Library: "www.velocidex.com/golang/evtx v0.2.1", Result: evtxscan.OpinionAgrees},
	}
}

func resolvedCall(it *evtxscan.Item) *detect.Finding {
	text := `New-MailboxExportRequest -Mailbox mia.kern -FilePath \\localhost\c$\temp\mia.pst -Name "q1"` + "\r\n"
	f := newFinding("0a1b2c3d4e5f", detect.VerdictCall, block(1, text,
		fragment(it, 1, hostEX, at(10, 8, 14, 3), 1, 1, "11111111-0b7c-4c67-8c3d-0a4f5c1f2b10", text)))
	f.Account.Names = []detect.AccountName{{Name: `CORP\adm.k`, Record: "4624 in evidence/EX01/Security.evtx, record 77"}}
	f.Rule = detect.RuleMatch{Script: detect.Yes, Fragments: []int32{1}}
	f.Calls = []*detect.Call{{
		Cmdlet: "New-MailboxExportRequest", Line: 1, Column: 1,
		Statement: `New-MailboxExportRequest -Mailbox mia.kern -FilePath \\localhost\c$\temp\mia.pst -Name "q1"`,
		Mailbox:   known("mia.kern", detect.BasisLiteral), PSTPath: known(`\\localhost\c$\temp\mia.pst`, detect.BasisLiteral),
		PST: detect.PST{Kind: detect.PathUNC, Host: "localhost", Share: "c$", Loopback: true, LocalPath: `C:\temp\mia.pst`},
		Parameters: []detect.Parameter{
			{Name: "Mailbox", Value: *known("mia.kern", detect.BasisLiteral)},
			{Name: "FilePath", Value: *known(`\\localhost\c$\temp\mia.pst`, detect.BasisLiteral)},
			{Name: "Name", Value: *known("q1", detect.BasisLiteral)},
		},
		Targets: detect.Targets{Count: 1}, Outcome: detect.OutcomeNotShown,
	}}
	f.Signals = []detect.Signal{{Name: "loopback-path", Detail: `\\localhost\c$`}, {Name: "role-grant"}}
	return f
}

func bulkCall(it, archived *evtxscan.Item) *detect.Finding {
	first := "param($Share = '\\\\fs07\\out')\n$all = Get-Mailbox -Database DB01\nforeach ($m in $all) {\n"
	second := "  New-MailboxExportRequest -Mailbox $m -FilePath \"$Share\\$($m.Alias).pst\"\n}\n"
	third := "New-MailboxExportRequest -Mailbox boss -FilePath \\\\fs07.corp.example\\out\\boss.pst -WhatIf\n"
	const id = "22222222-0b7c-4c67-8c3d-0a4f5c1f2b10"
	when := at(11, 2, 30, 44)
	b := block(3, first+second+third,
		fragment(archived, 9, hostEX, when, 1, 3, id, first), fragment(it, 2, hostEX, when+1, 2, 3, id, second),
		fragment(it, 3, hostEX, when+2, 3, 3, id, third))
	for i := range b.Pieces {
		b.Pieces[i].Records[0].Path = `C:\Scripts\Export-All.ps1`
	}
	b.Pieces[0].Records[0].Class = evtxscan.Recovered
	b.Pieces[1].Records = append(b.Pieces[1].Records, fragment(archived, 10, hostEX, when+1, 2, 3, id, second))
	f := newFinding("1a1b2c3d4e5f", detect.VerdictCall, b)
	f.LastTime = when + 2
	f.Rule = detect.RuleMatch{Script: detect.Yes, Fragments: []int32{2, 3}}
	share := `\\fs07\out`
	path := detect.Value{Basis: detect.BasisComputed, Parts: []detect.Part{
		{Expression: "$Share", Origin: "parameter", Default: &share}, {Text: `\`},
		{Expression: "$m.Alias", Origin: "mailbox"}, {Text: ".pst"},
	}}
	mailbox := detect.Value{Basis: detect.BasisComputed, Parts: []detect.Part{{Expression: "$m", Origin: "mailbox"}}}
	f.Calls = []*detect.Call{
		{
			Cmdlet: "New-MailboxExportRequest", Line: 4, Column: 3,
			Statement: `New-MailboxExportRequest -Mailbox $m -FilePath "$Share\$($m.Alias).pst"`,
			Mailbox:   &mailbox, PSTPath: &path, PST: detect.PST{Kind: detect.PathUnknown},
			Parameters: []detect.Parameter{{Name: "Mailbox", Value: mailbox}, {Name: "FilePath", Value: path}},
			Targets:    detect.Targets{Count: -1, EnumeratedBy: "Get-Mailbox -Database DB01"},
			WhatIf:     detect.Unknown, Conditional: true, Via: []string{"function Export-One", "Invoke-Expression"},
			Outcome: detect.OutcomeStarted,
		},
		{
			Cmdlet: "New-MailboxExportRequest", Line: 6, Column: 1,
			Statement: `New-MailboxExportRequest -Mailbox boss -FilePath \\fs07.corp.example\out\boss.pst -WhatIf`,
			Mailbox:   known("boss", detect.BasisLiteral), PSTPath: known(`\\fs07.corp.example\out\boss.pst`, detect.BasisEarlier),
			PST: detect.PST{Kind: detect.PathUNC, Host: "fs07.corp.example", Share: "out"},
			Parameters: []detect.Parameter{
				{Name: "Mailbox", Value: *known("boss", detect.BasisLiteral)},
				{Name: "FilePath", Value: *known(`\\fs07.corp.example\out\boss.pst`, detect.BasisLiteral)},
				{Name: "WhatIf", Value: *known("True", detect.BasisLiteral)},
			},
			Targets: detect.Targets{Count: 1}, WhatIf: detect.Yes, Outcome: detect.OutcomeNotShown,
		},
	}
	inner := "{ Export-One $_ }"
	f.Nested = []detect.BlockRef{{Block: block(1, inner,
		fragment(it, 4, hostEX, when+3, 1, 1, "33333333-0b7c-4c67-8c3d-0a4f5c1f2b10", inner))}}
	earlier := `$m = "unused"`
	f.Context = []detect.BlockRef{{Why: "defines $m", Block: block(1, earlier,
		fragment(it, 0, hostEX, when-9, 1, 1, "44444444-0b7c-4c67-8c3d-0a4f5c1f2b10", earlier))}}
	f.Latent = []*detect.Call{{
		Cmdlet: "New-MailboxExportRequest", Line: 2, Column: 40, Statement: "New-MailboxExportRequest ceo",
		Mailbox: known("ceo", detect.BasisLiteral), Targets: detect.Targets{Count: 1}, Outcome: detect.OutcomeNotShown,
		Problems: []string{"no -FilePath"},
	}}
	return f
}

func attempt(it *evtxscan.Item) *detect.Finding {
	text := `New-MailboxExportRequest -Mailbox a,b -FilePath D:\x.pst -StartDate 1.1.`
	f := newFinding("2a1b2c3d4e5f", detect.VerdictAttempt, block(1, text,
		fragment(it, 5, hostEX, at(11, 2, 31, 0), 1, 1, "55555555-0b7c-4c67-8c3d-0a4f5c1f2b10", text)))
	f.Rule = detect.RuleMatch{Script: detect.Yes, Fragments: []int32{1}}
	f.Calls = []*detect.Call{{
		Cmdlet: "New-MailboxExportRequest", Line: 1, Column: 1, Statement: text,
		Mailbox: &detect.Value{Basis: detect.BasisLiteral, Values: []detect.Value{
			*known("a", detect.BasisLiteral), *known("b", detect.BasisLiteral),
		}},
		PSTPath: known(`D:\x.pst`, detect.BasisLiteral), PST: detect.PST{Kind: detect.PathDrive, LocalPath: ""},
		Targets: detect.Targets{Count: 2}, Outcome: detect.OutcomeNotShown,
		Problems: []string{"local path: Exchange accepts UNC paths only", "unknown parameter -StartDate"},
	}}
	return f
}

func undecided(it *evtxscan.Item) *detect.Finding {
	// The text before the hole holds a character of two UTF-16 units.
	first, third := "# \U0001f4e7\nNew-MailboxExp", "-FilePath $p\n"
	const id = "66666666-0b7c-4c67-8c3d-0a4f5c1f2b10"
	when := at(12, 23, 59, 59)
	b := block(9, first+third, fragment(it, 6, hostEX, when, 1, 9, id, first), fragment(it, 7, hostEX, when, 3, 9, id, third))
	b.Missing = [][2]int32{{2, 2}, {4, 9}}
	b.Holes = []evtxscan.Hole{
		{At: len(first), Numbers: [2]int32{2, 2}, Length: 12_000}, {At: len(b.Text), Numbers: [2]int32{4, 9}, Length: -1},
	}
	b.Pieces = append(b.Pieces, evtxscan.Piece{
		Number: 3, Text: "-Help\n", Records: []*evtxscan.Fragment{fragment(it, 8, hostEX, when, 3, 9, id, "-Help\n")},
	})
	f := newFinding("3a1b2c3d4e5f", detect.VerdictUndecided, b)
	f.Reason, f.Contested = "fragments are missing: 2, 4 to 9 of 9", true
	f.Rule = detect.RuleMatch{Script: detect.Unknown}
	f.SecondOpinion = evtxscan.Opinion{
		Library: "www.velocidex.com/golang/evtx v0.2.1", Result: evtxscan.OpinionDiffers, Detail: "the text is 3 units shorter",
	}
	return f
}

func latent(it *evtxscan.Item) *detect.Finding {
	text := "function Export-One {\n  New-MailboxExportRequest $args[0]\n}"
	b := block(1, text, fragment(it, 1, hostWS, 0, 1, 1, "77777777-0b7c-4c67-8c3d-0a4f5c1f2b10", text))
	record := b.First()
	record.UserSID, record.ActivityID, record.Level, record.Class = "S-1-5-18", "", 3, evtxscan.Slack
	record.SHA256 = [32]byte{}
	f := newFinding("4a1b2c3d4e5f", detect.VerdictLatent, b)
	f.Reason = "defined or called, cannot be told"
	f.Account = detect.Account{SID: "S-1-5-18", Names: []detect.AccountName{{Name: `NT AUTHORITY\SYSTEM`, Record: "well-known"}}}
	f.CallsTruncated = true
	f.SecondOpinion = evtxscan.Opinion{}
	f.Latent = []*detect.Call{{
		Cmdlet: "New-MailboxExportRequest", Line: 2, Column: 3, Statement: "New-MailboxExportRequest $args[0]",
		Mailbox: &detect.Value{Parts: []detect.Part{{Expression: "$args[0]", Origin: "parameter"}}, Basis: detect.BasisComputed},
		Targets: detect.Targets{Count: -1}, Outcome: detect.OutcomeNotShown, Problems: []string{"no -FilePath"},
	}}
	return f
}

func mentions(it *evtxscan.Item) *detect.Finding {
	text := "Get-Help New-MailboxExportRequest"
	return newFinding("5a1b2c3d4e5f", detect.VerdictMention,
		block(1, text, fragment(it, 11, hostEX, at(13, 9, 0, 0), 1, 1, "88888888-0b7c-4c67-8c3d-0a4f5c1f2b10", text)),
		block(1, text, fragment(it, 12, hostEX, at(13, 10, 0, 0), 1, 1, "99999999-0b7c-4c67-8c3d-0a4f5c1f2b10", text)))
}

// hostileMention has in its text whatever could harm a reader's screen,
// spreadsheet or parser.
func hostileMention(it *evtxscan.Item) *detect.Finding {
	text := "=cmd|'/c calc'!A0\r\n\x1b]0;owned\x07\x1b[2J\u202egnp.tsp\u2066\u200b\u00ad\ufeff \xed\xa0\xbd <b>&amp; \"q\",\\ \x00\x7f\u0085\u2028\U000e0041\U0001f4e7 ０=\n"
	f := newFinding("6a1b2c3d4e5f", detect.VerdictMention, block(1, text,
		fragment(it, 2, "=ws\u200b-114", at(12, 8, 0, 0), 1, 1, "not a guid \x1b[31m", text)))
	f.Blocks[0].First().Path = "@C:\\\xed\xb0\x80\n\u202efdp.ps1"
	f.Reason = "-only a \x1b[1mcomment"
	f.Rule = detect.RuleMatch{Script: detect.Yes, Fragments: []int32{1}}
	return f
}
