package detect

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"pstrail/detect/powershell"
)

// This file is what pstrail knows of commands: the cmdlet with its real
// signature, the commands around an export, and where the output of others
// comes from. Source: Microsoft's reference of the Exchange cmdlets and the
// public behaviour of the Exchange 2013 and 2016 cmdlet class.

// exportCmdlet is the cmdlet that all is about.
const exportCmdlet = "New-MailboxExportRequest"

// exchange is the host of the interpreter. It keeps nothing: what is called,
// the interpreter's events tell.
type exchange struct {
	commands map[string]*powershell.CommandInfo
}

func newExchange() *exchange {
	h := &exchange{commands: map[string]*powershell.CommandInfo{}}
	add := func(c *powershell.CommandInfo) {
		c.Module, c.Fails = "Microsoft.Exchange.Management.PowerShell", true
		h.commands[strings.ToLower(c.Name)] = c
	}
	add(exportCommand())
	for _, r := range relatedCommands {
		add(r.info())
	}
	return h
}

// Command implements powershell.Host.
func (h *exchange) Command(name string) *powershell.CommandInfo {
	return h.commands[strings.ToLower(name)]
}

// Commands implements powershell.Host.
func (h *exchange) Commands() []string {
	names := []string{exportCmdlet}
	for _, r := range relatedCommands {
		names = append(names, r.name)
	}
	return names
}

// Takes implements powershell.Taker: no export goes without a path.
func (h *exchange) Takes(names []string, more bool) bool {
	path := func(name string) bool { return name != "" && strings.HasPrefix("filepath", strings.ToLower(name)) }
	return (more || slices.ContainsFunc(names, path)) && h.Command(exportCmdlet).Takes(names)
}

// Variant tells the interpreter that a command of that name, of which it knows
// nothing, may be the cmdlet: as a session brings it that was imported with a
// prefix.
func (h *exchange) Variant(name string) bool { return isVariant(name) }

func isVariant(name string) bool {
	verb, noun, _ := strings.Cut(strings.ToLower(name), "-")
	return verb == "new" && strings.HasSuffix(noun, "mailboxexportrequest") && isWordText(noun)
}

func isWordText(s string) bool {
	for i := range len(s) {
		if !isLetter(s[i]) && s[i] != '_' && (s[i] < '0' || s[i] > '9') {
			return false
		}
	}
	return true
}

// Origin implements powershell.Host.
func (h *exchange) Origin(command string) powershell.Origin {
	return cmp.Or(commandOrigins[strings.ToLower(command)], powershell.OriginCommand)
}

// commandOrigins are the commands whose output is not just any command's.
var commandOrigins = func() map[string]powershell.Origin {
	origins := map[string]powershell.Origin{}
	for origin, names := range map[powershell.Origin]string{
		powershell.OriginMailbox: `Get-Mailbox Get-User Get-Recipient Get-MailUser Get-CASMailbox Get-MailContact Get-RemoteMailbox
			Get-MailboxStatistics Get-MailboxFolderStatistics Get-MailboxPermission Get-DistributionGroupMember Get-DynamicDistributionGroup
			Get-UnifiedGroupLinks Get-EXOMailbox Get-EXORecipient Get-LogonStatistics Get-MailboxPlan`,
		powershell.OriginDirectory: `Get-ADUser Get-ADGroupMember Get-ADGroup Get-ADObject Get-ADComputer Get-ADOrganizationalUnit
			Search-ADAccount Get-QADUser Get-QADGroupMember Get-QADObject Get-AzureADUser Get-AzureADGroupMember Get-MsolUser Get-MgUser`,
		powershell.OriginFile: `Import-Csv Get-Content Import-Clixml Get-ChildItem Get-Item Select-Xml Import-PowerShellDataFile Import-Excel
			Get-ItemProperty Get-ItemPropertyValue Import-LocalizedData`,
		powershell.OriginPrompt: `Get-Credential Out-GridView Out-ConsoleGridView`,
		powershell.OriginClock:  `Get-Date Get-TimeZone Get-Uptime`,
	} {
		for name := range strings.FieldsSeq(names) {
			origins[strings.ToLower(name)] = origin
		}
	}
	return origins
}()

// What a command that enumerates asks for.
const (
	anyObjects = iota
	fewObjects // by a name that may be that of several
	oneObject
)

// lookups are the commands whose first argument is the identity of what they
// are to find.
var lookups = func() map[string]int {
	asks := map[string]int{}
	for name := range strings.FieldsSeq(`Get-Mailbox Get-User Get-Recipient Get-MailUser Get-CASMailbox Get-MailContact Get-RemoteMailbox
		Get-MailboxStatistics Get-EXOMailbox Get-EXORecipient`) {
		asks[strings.ToLower(name)] = fewObjects
	}
	for name := range strings.FieldsSeq("Get-ADUser Get-ADComputer Get-ADObject Get-ADGroup") {
		asks[strings.ToLower(name)] = oneObject
	}
	return asks
}()

// asksFor reads the text of what enumerates, as [Targets.EnumeratedBy] has it.
func asksFor(source string) int {
	asks := anyObjects
	powershell.Walk(powershell.Parse(source, powershell.WindowsPowerShell).Root, func(n powershell.Node) bool {
		p, ok := n.(*powershell.Pipeline)
		if ok {
			asks = pipelineAsks(p)
		}
		return !ok
	})
	return asks
}

// pipelineAsks is what comes out of a pipeline: no more than each command in it
// lets through.
func pipelineAsks(p *powershell.Pipeline) int {
	asks := oneObject
	for i, e := range p.Elements {
		switch e := e.(type) {
		case *powershell.CommandExpression:
			asks = expressionAsks(e.Expression)
		case *powershell.Command:
			asks = min(asks, commandAsks(e, i > 0))
		}
	}
	return asks
}

func expressionAsks(e powershell.Expression) int {
	switch e := e.(type) {
	case *powershell.String:
		return namedAsks(e.Value)
	case *powershell.Paren:
		if p, ok := e.Pipeline.(*powershell.Pipeline); ok {
			return pipelineAsks(p)
		}
	case *powershell.Member:
		return expressionAsks(e.Target)
	}
	return anyObjects
}

func namedAsks(identity string) int {
	if strings.Contains(identity, "*") {
		return anyObjects
	}
	return oneObject
}

// commandAsks is for how many objects a command asks for each that it is given.
func commandAsks(c *powershell.Command, piped bool) int {
	if len(c.Elements) == 0 {
		return anyObjects
	}
	name, ok := c.Elements[0].(*powershell.String)
	if !ok {
		return anyObjects
	}
	if piped && slices.Contains(passing, strings.ToLower(name.Value)) {
		return oneObject
	}
	var identity powershell.Node
	if len(c.Elements) > 1 {
		identity = c.Elements[1]
	}
	for i, e := range c.Elements[1:] {
		p, ok := e.(*powershell.CommandParameter)
		if !ok || len(p.Name) < 2 || !strings.HasPrefix("identity", strings.ToLower(p.Name)) {
			continue
		}
		identity = p.Argument
		if identity == nil && i+2 < len(c.Elements) {
			identity = c.Elements[i+2]
		}
		break
	}
	asks := lookups[strings.ToLower(name.Value)]
	switch e := identity.(type) {
	case nil, *powershell.CommandParameter:
		if !piped {
			return anyObjects
		}
	case *powershell.String:
		asks = min(asks, namedAsks(e.Value))
	}
	return asks
}

// passing are commands that put out no more than comes in.
var passing = []string{
	"where-object", "where", "?", "select-object", "select", "sort-object", "sort", "get-unique", "tee-object",
}

// Parameters of an Exchange cmdlet: "Name" takes a value, "Name?" is a switch,
// "Name!" is known by its full name only.
const (
	exportParameters = `Mailbox FilePath ContentFilter ContentFilterLanguage IncludeFolders ExcludeFolders SourceRootFolder
		TargetRootFolder Name BatchName BadItemLimit LargeItemLimit Priority DomainController CompletedRequestAgeLimit
		AssociatedMessagesCopyOption ConflictResolutionOption RemoteHostName RemoteCredential ComplianceStorePath InternalFlags
		SkipMerging WorkloadType PreferredMessageFormat RequestExpiryInterval SuspendComment IsArchive? ExcludeDumpster?
		AcceptLargeDataLoss? Suspend? WhatIf? Confirm? MRSServer! AsJob?!`
)

// parameters reads a list like exportParameters.
func parameters(list string) []powershell.ParameterInfo {
	var out []powershell.ParameterInfo
	for word := range strings.FieldsSeq(list) {
		p := powershell.ParameterInfo{Position: -1, Type: "System.Object"}
		word, p.Exact = strings.CutSuffix(word, "!")
		name, isSwitch := strings.CutSuffix(word, "?")
		p.Name = name
		if isSwitch {
			p.Type = "switch"
		}
		switch name {
		case "WhatIf":
			p.Aliases = []string{"wi"}
		case "Confirm":
			p.Aliases = []string{"cf"}
		}
		out = append(out, p)
	}
	return out
}

// exportCommand describes New-MailboxExportRequest.
//
// The rules are:
//   - Only the mailbox has a position, and only it is taken from the pipeline,
//     by value or by a property Mailbox.
//   - MRSServer is of 2010 only, AsJob of proxies only: they bind by their full
//     names, but make no other prefix ambiguous.
//   - Binding knows nothing of -FilePath being needed: without one, Exchange
//     refuses later, and a reader is told.
func exportCommand() *powershell.CommandInfo {
	c := &powershell.CommandInfo{Name: exportCmdlet, Parameters: parameters(exportParameters)}
	for i := range c.Parameters {
		switch p := &c.Parameters[i]; p.Name {
		case "Mailbox":
			p.Position, p.Mandatory, p.Pipeline, p.Property = 0, true, true, true
			p.Convert = mailboxOf
		case "FilePath":
			p.Type = "System.String"
			p.Convert = pathOf
		}
	}
	c.Run = func(inv *powershell.Invocation) []powershell.Value { return exportOutput(inv) }
	return c
}

var errNoRecipient = errors.New("is no text, number or recipient")

// mailboxOf converts an argument of -Mailbox: text and numbers name a mailbox,
// a recipient object is one; nothing else converts.
func mailboxOf(v powershell.Value) (powershell.Value, error) {
	switch v := v.(type) {
	case string:
		if v == "" {
			return nil, errNoRecipient
		}
		return v, nil
	case *powershell.Text, *powershell.Unknown, powershell.Char,
		int8, int16, int32, int64, uint8, uint16, uint32, uint64, float32, float64, powershell.Decimal:
		return v, nil
	}
	return nil, errNoRecipient
}

var errNoPath = errors.New("is a list")

// pathOf converts an argument of -FilePath, which takes no list of several paths.
func pathOf(v powershell.Value) (powershell.Value, error) {
	items, list := powershell.Items(v)
	if !list || len(items) < 2 {
		return v, nil
	}
	for _, item := range items {
		if u, ok := item.(*powershell.Unknown); ok && u.Many {
			return v, nil
		}
	}
	return nil, errNoPath
}

// exportOutput is the request that the cmdlet would return. What the server
// decides is unknown.
func exportOutput(inv *powershell.Invocation) []powershell.Value {
	if whatIf(inv) == Yes {
		return nil
	}
	given := map[string]powershell.Value{}
	for _, a := range inv.Arguments {
		given[a.Name] = a.Value
	}
	request := powershell.NewDoubtful("Microsoft.Exchange.Management.RecipientTasks.MailboxExportRequest")
	for _, name := range []string{"Name", "Mailbox", "FilePath", "BatchName", "Identity", "Status", "RequestGuid"} {
		v, ok := given[name]
		if !ok {
			v = &powershell.Unknown{
				Expression: "(" + exportCmdlet + ")." + name, Origin: powershell.OriginCommand,
				Identity: "request " + inv.Place.Statement + "." + name,
			}
		}
		request.Set(name, v)
	}
	return []powershell.Value{request}
}

// whatIf says whether an invocation is a dry run.
func whatIf(inv *powershell.Invocation) Tri {
	for _, a := range inv.Arguments {
		if a.Name != "WhatIf" {
			continue
		}
		switch v := a.Value.(type) {
		case bool:
			if v {
				return Yes
			}
			return No
		case nil:
			return No
		case *powershell.Unknown, *powershell.Text:
			return Unknown
		default:
			return Yes
		}
	}
	return No
}

// related is a command that belongs to the story of an export.
type related struct {
	name       string
	quiet      bool   // it puts out nothing
	signal     string // what a call of it says
	positional string // the parameter at position 0, which the pipeline gives too
	shown      string // the parameters whose values are worth telling, in order; "Name?" is a switch
	needs      string // tells it only if one of the values holds this text
}

// relatedCommands are the commands around an export.
var relatedCommands = []related{
	{name: "Get-MailboxExportRequest", positional: "Identity"},
	{name: "Get-MailboxExportRequestStatistics", positional: "Identity"},
	{name: "Set-MailboxExportRequest", quiet: true, positional: "Identity"},
	{name: "Suspend-MailboxExportRequest", quiet: true, positional: "Identity"},
	{name: "Resume-MailboxExportRequest", quiet: true, positional: "Identity"},
	{name: "Remove-MailboxExportRequest", quiet: true, signal: "removes-request", positional: "Identity", shown: "Identity RequestGuid RequestQueue Confirm?"},
	{name: "New-ManagementRoleAssignment", signal: "grants-role", positional: "Name", shown: "Role User SecurityGroup App Name", needs: "mailbox import export"},
	{name: "Remove-ManagementRoleAssignment", quiet: true, signal: "removes-role", positional: "Identity", shown: "Identity"},
	{name: "Search-Mailbox", signal: "searches-mailbox", positional: "Identity", shown: "Identity SearchQuery TargetMailbox TargetFolder DeleteContent?"},
	{name: "New-ComplianceSearch", signal: "compliance-search", positional: "Name", shown: "Name ExchangeLocation ContentMatchQuery"},
	{name: "New-ComplianceSearchAction", signal: "compliance-export", positional: "SearchName", shown: "SearchName Export? Format"},
	{name: "New-MailboxSearch", signal: "mailbox-search", positional: "Name", shown: "Name SourceMailboxes TargetMailbox SearchQuery AllSourceMailboxes"},
	{name: "Start-MailboxSearch", quiet: true, signal: "mailbox-search", positional: "Identity", shown: "Identity"},
	{name: "Export-Mailbox", signal: "export-mailbox-2007", positional: "Identity", shown: "Identity PSTFolderPath TargetMailbox TargetFolder DeleteContent?"},
	{name: "New-SmbShare", signal: "creates-share", positional: "Name", shown: "Name Path FullAccess ChangeAccess"},
	{name: "Add-MailboxPermission", signal: "grants-mailbox-access", positional: "Identity", shown: "Identity User AccessRights"},
	{name: "Disable-Mailbox", quiet: true, signal: "disables-mailbox", positional: "Identity", shown: "Identity"},
	{name: "Remove-Mailbox", quiet: true, signal: "removes-mailbox", positional: "Identity", shown: "Identity"},
}

func (r *related) info() *powershell.CommandInfo {
	list := r.shown
	if !strings.Contains(" "+list+" ", " "+r.positional+" ") {
		list = r.positional + " " + list
	}
	for _, common := range []string{"WhatIf?", "Confirm?"} {
		if !strings.Contains(list, common) {
			list += " " + common
		}
	}
	c := &powershell.CommandInfo{Name: r.name, Parameters: parameters(list), Open: true}
	for i := range c.Parameters {
		if p := &c.Parameters[i]; p.Name == r.positional {
			p.Position, p.Pipeline, p.Property = 0, true, true
		}
	}
	if r.quiet {
		return c
	}
	gets := strings.HasPrefix(r.name, "Get-")
	origin := powershell.OriginCommand
	if gets {
		origin = powershell.OriginMailbox
	}
	c.Run = func(inv *powershell.Invocation) []powershell.Value {
		out := &powershell.Unknown{
			Expression: inv.Place.Statement, Origin: origin, Many: gets, Identity: "output of " + inv.Place.Statement,
		}
		if gets {
			out.Source = inv.Place.Statement
		}
		return []powershell.Value{out}
	}
	return c
}
