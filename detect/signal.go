package detect

import (
	"strings"

	"pstrail/detect/powershell"
)

// This file names the traits that help to rank a finding. Which ones are worth
// naming was counted on public scripts of attackers and administrators; none is
// a proof.

// addSignals adds the signals of the calls, of the related commands that the
// block runs, and of what its text does with PST files.
func (f *Finding) addSignals(events []powershell.Event, tree *powershell.Tree) {
	for _, c := range append(f.Calls[:len(f.Calls):len(f.Calls)], f.Latent...) {
		f.callSignals(c)
	}
	for _, ev := range events {
		if r := relatedByName(ev.Command.Name); r != nil && r.signal != "" {
			if detail := relatedDetail(r, ev); r.needs == "" || containsFold(detail, r.needs) {
				f.signal(r.signal, detail)
			}
		}
	}
	if f.Verdict == VerdictCall || f.Verdict == VerdictAttempt {
		f.pstSignals(tree)
	}
}

func (f *Finding) signal(name, detail string) {
	for _, s := range f.Signals {
		if s.Name == name && s.Detail == detail {
			return
		}
	}
	f.Signals = append(f.Signals, Signal{name, detail})
}

func (f *Finding) callSignals(c *Call) {
	if c.PSTPath != nil {
		path := c.PSTPath.Text()
		if c.PST.Loopback {
			f.signal("loopback-target", c.PST.Host)
		}
		if c.PST.Kind == PathUNC && c.PST.LocalPath != "" {
			f.signal("admin-share-target", `\\`+c.PST.Host+`\`+c.PST.Share)
		}
		switch ending := ending(c.PSTPath); {
		case ending == ".asp" || ending == ".aspx" || ending == ".ashx":
			f.signal("web-page-target", path)
		case ending != "" && ending != ".pst":
			f.signal("other-ending", path)
		}
	}
	var drafts, subject bool
	for _, p := range c.Parameters {
		text := p.Value.Text()
		switch p.Name {
		case "IncludeFolders":
			drafts = containsFold(text, "#drafts#")
		case "ContentFilter":
			subject = containsFold(text, "subject") && containsFold(text, "-eq")
		case "CompletedRequestAgeLimit":
			if text == "0" {
				f.signal("request-vanishes-when-done", "CompletedRequestAgeLimit 0")
			}
		}
	}
	if drafts && subject {
		f.signal("one-draft-by-subject", c.Statement)
	}
	if c.Targets.Count < 0 && c.Targets.EnumeratedBy != "" && asksFor(c.Targets.EnumeratedBy) == anyObjects {
		f.signal("bulk", c.Targets.EnumeratedBy)
	}
}

// ending returns the ending of a path if it is known, in lower case.
func ending(v *Value) string {
	if len(v.Parts) == 0 || v.Parts[len(v.Parts)-1].Expression != "" {
		return ""
	}
	text := v.Parts[len(v.Parts)-1].Text
	i := strings.LastIndexByte(text, '.')
	if i < 0 || strings.ContainsAny(text[i:], `\/`) {
		return ""
	}
	return strings.ToLower(text[i:])
}

func relatedByName(name string) *related {
	for i := range relatedCommands {
		if relatedCommands[i].name == name {
			return &relatedCommands[i]
		}
	}
	return nil
}

// relatedDetail tells the command and the arguments that matter.
func relatedDetail(r *related, ev powershell.Event) string {
	detail := r.name
	for word := range strings.FieldsSeq(r.shown) {
		name, isSwitch := strings.CutSuffix(word, "?")
		for _, a := range ev.Arguments {
			switch {
			case !strings.EqualFold(a.Name, name):
			case isSwitch && a.Value == true:
				detail += " -" + name
			default:
				detail += " -" + name + " " + relatedValue(a.Value)
			}
		}
	}
	if whatIf(ev.Invocation) == Yes {
		detail += " -WhatIf"
	}
	return detail
}

// relatedValue tells an argument of a related command: of a request what it is
// of, of what comes through the pipeline where from.
func relatedValue(v powershell.Value) string {
	switch v := v.(type) {
	case *powershell.Object:
		if identity, ok := v.Get("Identity"); ok {
			return describe(identity).Text()
		}
	case *powershell.Unknown:
		if v.Expression == "$_" && v.Source != "" {
			return "{each of " + v.Source + "}"
		}
	}
	return describe(v).Text()
}

// pstHandlers are commands that do something to files, by the signal they are.
var pstHandlers = map[string]string{
	"7z": "archives-pst", "7z.exe": "archives-pst", "7za": "archives-pst", "7za.exe": "archives-pst", "rar": "archives-pst", "rar.exe": "archives-pst",
	"compress-archive": "archives-pst", "makecab": "archives-pst",
	"copy-item": "copies-pst", "copy": "copies-pst", "cp": "copies-pst", "cpi": "copies-pst", "robocopy": "copies-pst", "xcopy": "copies-pst",
	"move-item": "moves-pst", "move": "moves-pst", "mv": "moves-pst", "mi": "moves-pst",
	"remove-item": "deletes-pst", "del": "deletes-pst", "rm": "deletes-pst", "ri": "deletes-pst", "erase": "deletes-pst",
}

// pstSignals looks for commands of the text that handle PST files.
func (f *Finding) pstSignals(tree *powershell.Tree) {
	powershell.Walk(tree.Root, func(n powershell.Node) bool {
		c, ok := n.(*powershell.Command)
		if !ok || len(c.Elements) == 0 {
			return true
		}
		name, ok := c.Elements[0].(*powershell.String)
		if !ok {
			return true
		}
		source := tree.Text[c.From:c.To]
		command := strings.ToLower(name.Value[strings.LastIndexAny(name.Value, `\/`)+1:])
		if signal := pstHandlers[command]; signal != "" && containsFold(source, "pst") {
			f.signal(signal, source)
		}
		if (command == "net" || command == "net.exe") && containsFold(source, " share ") {
			f.signal("creates-share", source)
		}
		return true
	})
}
