package powershell

// Jobs, which run script blocks in processes of their own, blocks that events
// run, and commands that are known to put out nothing.

import (
	"slices"
	"strings"
)

const typeJob = "System.Management.Automation.PSRemotingJob"

// job is the payload of a job's object: what it put out and is not received
// yet.
type job struct{ output *cell } // of []Value

// jobList are jobs in the order of their start.
type jobList []*Object

func (l jobList) joined(other any) any {
	all := slices.Clone(l)
	for _, o := range other.(jobList) {
		if !slices.Contains(all, o) {
			all = append(all, o)
		}
	}
	return all
}

func (l jobList) same(other any) bool {
	o, ok := other.(jobList)
	return ok && slices.Equal(l, o)
}

// startedJobs lists the jobs that the script started.
func (in *Interpreter) startedJobs() jobList {
	if in.jobs == nil {
		in.jobs = &cell{v: jobList(nil)}
	}
	return in.jobs.v.(jobList)
}

func (in *Interpreter) newJob(name Value, kind string, output []Value) *Object {
	list := in.startedJobs()
	id := int32(len(list) + 1)
	o := newPayload(typeJob, job{in.newCell(output)})
	if name == nil {
		name = "Job" + decimalText(int(id))
	}
	o.Set("Id", id)
	o.Set("Name", name)
	o.Set("PSJobTypeName", kind)
	o.Set("State", "Completed")
	o.Set("HasMoreData", len(output) > 0)
	o.Set("Location", "localhost")
	child := newPayload(typeJob, o.Payload)
	child.Set("Name", name)
	child.Set("State", "Completed")
	child.Set("Output", newArray(slices.Clone(output)))
	o.Set("ChildJobs", newArray([]Value{child}))
	in.setCell(in.jobs, append(slices.Clone(list), o))
	return o
}

// startJob is Start-Job and Start-ThreadJob. The block runs at once: when it
// does is not seen by what it is made of.
func startJob(x *execution) error {
	in := x.in
	in.risks++
	args := x.list("ArgumentList")
	blocks := x.blocks("ScriptBlock")
	initial := x.blocks("InitializationScript")
	c, out := in.collectorSink()
	for _, b := range blocks {
		if err := x.runJob(initial, b, args, out); err != nil {
			return err
		}
	}
	output := slices.Clone(c.values)
	if len(blocks) == 0 {
		u := in.unknown(x.Source(), OriginCommand)
		u.Many = true
		output = []Value{u}
	}
	var name Value
	if v, ok := x.Arg("Name"); ok {
		name = in.text(v)
	}
	kind := "BackgroundJob"
	if x.Name == "Start-ThreadJob" {
		kind = "ThreadJob"
	}
	if err := in.spend(len(in.startedJobs()) / 16); err != nil {
		return err
	}
	return x.Out(in.newJob(name, kind, output))
}

// runJob runs the block of a job behind its initialization, in one process.
func (x *execution) runJob(initial []*Closure, b *Closure, args []Value, out sink) error {
	in := x.in
	outer := in.frame
	f := *outer
	f.via = append(slices.Clone(f.via), x.Name)
	f.child = true
	in.frame = &f
	defer func() { in.frame = outer }()
	given := make([]argument, len(args))
	for i, v := range args {
		given[i] = argument{value: v, has: true, from: in.sources}
	}
	input, _ := x.Arg("InputObject")
	o := callOptions{HasInput: x.HasInput || input != nil, Input: x.Input}
	if input != nil {
		o.Input = slices.Clone(enumerate(input))
	}
	return in.isolated(func() error {
		for _, i := range initial {
			if err := in.settled(in.inline(i, discard)); err != nil {
				return err
			}
		}
		return in.runBody(b, given, o, out)
	})
}

// jobsGiven are the jobs that a command is for: given as such, by name or by
// number, or all that there are where all is set. Unknown tells of others.
func (x *execution) jobsGiven(all bool) (jobs []*Object, unknown bool) {
	in := x.in
	candidates := slices.Clone(x.Input)
	for _, name := range []string{"Job", "InputObject"} {
		candidates = append(candidates, x.list(name)...)
	}
	for _, v := range candidates {
		o, ok := v.(*Object)
		if ok {
			_, ok = o.Payload.(job)
		}
		if ok {
			jobs = append(jobs, o)
		} else {
			unknown = unknown || v != nil
		}
	}
	names, ids := x.texts("Name"), x.texts("Id")
	if len(names)+len(ids) > 0 {
		for _, o := range in.startedJobs() {
			if x.named(o, "Name", names) || x.named(o, "Id", ids) {
				jobs = append(jobs, o)
			}
		}
		return jobs, unknown || slices.ContainsFunc(slices.Concat(names, ids), isUnknown)
	}
	if all && len(candidates) == 0 {
		return in.startedJobs(), unknown
	}
	return jobs, unknown
}

// named tells whether a property of an object is one of the names or patterns.
func (x *execution) named(o *Object, property string, names []Value) bool {
	is, ok := x.in.text(propertyOf(o, property)).(string)
	return ok && slices.ContainsFunc(names, func(v Value) bool {
		s, ok := v.(string)
		return ok && x.in.like(is, s)
	})
}

// receiveJob is Receive-Job: output is received once, unless -Keep is set.
func receiveJob(x *execution) error {
	in := x.in
	jobs, unknown := x.jobsGiven(false)
	for _, o := range jobs {
		output := o.Payload.(job).output
		items := output.v.([]Value)
		if x.Switch("Keep") == No {
			in.setCell(output, []Value(nil))
		}
		if err := in.settled(in.feed(items, x.stage.put)); err != nil {
			return err
		}
	}
	if unknown {
		return x.unknownOut(OriginCommand)
	}
	return nil
}

// passJobs is Get-Job and Wait-Job.
func passJobs(x *execution) error {
	if state, given, known := x.Text("State"); given && !(known && strings.EqualFold(state, "Completed")) {
		// In which state a job is at that moment is not known.
		return x.unknownOut(OriginCommand)
	}
	jobs, unknown := x.jobsGiven(x.Name == "Get-Job")
	for _, o := range jobs {
		if err := x.Out(o); err != nil {
			return err
		}
	}
	if unknown || x.Name == "Get-Job" && len(jobs) == 0 {
		return x.unknownOut(OriginCommand)
	}
	return nil
}

// removeJob is Remove-Job.
func removeJob(x *execution) error {
	gone, _ := x.jobsGiven(false)
	left := slices.DeleteFunc(slices.Clone(x.in.startedJobs()), func(o *Object) bool { return slices.Contains(gone, o) })
	x.in.setCell(x.in.jobs, left)
	return nil
}

// scheduledJob is Register-ScheduledJob, whose block runs later, if ever,
// unless -RunNow is given.
func scheduledJob(x *execution) error {
	for _, b := range x.blocks("ScriptBlock") {
		run := func() error {
			return x.runJob(x.blocks("InitializationScript"), b, x.list("ArgumentList"), discard)
		}
		if x.Switch("RunNow") != Yes {
			job := run
			run = func() error { return x.in.later("", job) }
		}
		if err := run(); err != nil {
			return err
		}
	}
	return x.Out(x.in.unknown(x.Source(), OriginCommand))
}

// whenItHappens is Register-ObjectEvent and its kin, whose block runs when the
// event does, if it does.
func whenItHappens(x *execution) error {
	in := x.in
	in.risks++
	for _, b := range x.blocks("Action") {
		if err := in.maybe(b); err != nil {
			return err
		}
	}
	return x.Out(in.unknown(x.Source(), OriginCommand))
}

// measureCommand runs its block in the present scope for how long it takes.
func measureCommand(x *execution) error {
	in := x.in
	items := x.Input
	if !x.HasInput {
		items = []Value{nil}
	}
	for _, b := range x.blocks("Expression") {
		err := in.settled(in.sequence(func(i int) error {
			if i >= len(items) {
				return errDone
			}
			return in.eachItem(items[i], "$_", func(v Value) error { return in.inCaller(b, v, discard) })
		}))
		if err != nil {
			return err
		}
	}
	return x.Out(in.unknown(x.Source(), OriginClock))
}

// traceCommand runs its block and puts out what that does.
func traceCommand(x *execution) error {
	for _, b := range x.blocks("Expression") {
		if err := x.in.settled(x.in.inCaller(b, nil, x.stage.put)); err != nil {
			return err
		}
	}
	return nil
}

// quiet is a command that puts out nothing, unless -PassThru is given.
func quiet(x *execution) error {
	x.in.risks++
	if x.Switch("PassThru") == No {
		return nil
	}
	if len(x.Input) > 0 {
		return x.in.settled(x.in.feed(x.Input, x.stage.put))
	}
	return x.unknownOut(x.in.host.Origin(x.Name))
}

// addType is Add-Type, whose text in another language may run code or programs.
func addType(x *execution) error {
	for _, name := range []string{"TypeDefinition", "MemberDefinition"} {
		code, _, _ := x.Text(name)
		if code = foldCase(code); strings.Contains(code, "powershell") || strings.Contains(code, "pipeline") || strings.Contains(code, "process") {
			v, _ := x.Arg(name)
			x.in.opaqueHere(v)
		}
	}
	return quiet(x)
}

// quietCommands put out nothing. What they do otherwise is not seen here.
var quietCommands = strings.Fields(`
Add-AppxPackage Add-ADGroupMember Add-Computer Add-History Add-PSSnapin Checkpoint-Computer Clear-EventLog Clear-History
Clear-Host Clear-ItemProperty Clear-RecycleBin Connect-ExchangeServer Copy-ItemProperty Debug-Process Disable-Mailbox
Disable-PSBreakpoint Disable-PSRemoting Disable-ScheduledTask Disconnect-ExchangeOnline Enable-PSRemoting Enter-PSSession Exit-PSSession
Expand-Archive Export-Alias Export-Clixml Export-Console Export-Csv Export-FormatData Export-PSSession
Import-Alias Import-LocalizedData Install-Module Install-PackageProvider Limit-EventLog Move-ADObject Move-ItemProperty
New-EventLog New-PSRole Out-Printer Pop-Location Push-Location Register-ArgumentCompleter Register-PSRepository
Remove-ADGroupMember Remove-ADObject Remove-ADUser Remove-CimInstance Remove-Event Remove-EventLog Remove-ItemProperty Remove-Mailbox
Remove-MailboxPermission Remove-Module Remove-PSBreakpoint Remove-PSDrive Remove-PSSession Remove-PSSnapin Remove-SmbShare Remove-WmiObject
Rename-Computer Rename-ItemProperty Restart-Computer Restart-Service Resume-Service Save-Help Save-Module Send-MailMessage Set-Acl
Set-ADAccountPassword Set-ADObject Set-ADServerSettings Set-ADUser Set-CASMailbox Set-Culture Set-ExecutionPolicy
Set-Location Set-Mailbox Set-MpPreference Set-NetFirewallProfile Set-PSDebug Set-PSReadLineKeyHandler Set-PSReadLineOption
Set-PSRepository Set-Service Set-TimeZone Set-TraceSource Set-User Set-WinSystemLocale Start-Sleep Stop-Computer Stop-Job
Stop-Process Stop-Service Suspend-Service Unblock-File Uninstall-Module Unregister-Event Unregister-PSRepository Unregister-ScheduledTask
Update-FormatData Update-Help Update-Module Wait-Process Write-EventLog
`)

// jobCommands are the commands of this kind.
func jobCommands() []*cmdlet {
	started := slices.Concat([]ParameterInfo{
		{Name: "ScriptBlock", Aliases: []string{"Command"}, Position: 0}, positional("InitializationScript", 1), named("FilePath"), named("LiteralPath"),
		{Name: "ArgumentList", Aliases: []string{"Args"}, Position: -1}, named("Name"), named("InputObject"), named("Credential"), named("Authentication"),
		named("PSVersion"), named("DefinitionName"), named("DefinitionPath"), named("Type"), named("WorkingDirectory"), named("ThrottleLimit"),
		named("StreamingHost")}, switches("RunAs32"))
	jobs := []ParameterInfo{positional("Job", 0), named("Name"), named("Id"), named("InstanceId"), named("State"), named("Filter"), named("Command"),
		named("Location"), named("ComputerName"), named("Session"), named("Timeout")}
	get := slices.Clone(jobs)
	get[0], get[2] = named("InputObject"), positional("Id", 0)
	events := []ParameterInfo{named("Action")}
	run := []ParameterInfo{positional("Expression", 0), named("InputObject")}
	list := []*cmdlet{
		{Name: "Start-Job", Run: startJob, Parameters: started},
		{Name: "Start-ThreadJob", Run: startJob, Parameters: started},
		{Name: "Receive-Job", Run: receiveJob, Parameters: slices.Concat(jobs, switches("Keep", "Wait", "AutoRemoveJob", "WriteEvents", "WriteJobInResults", "NoRecurse", "Force"))},
		{Name: "Wait-Job", Run: passJobs, Parameters: slices.Concat(jobs, switches("Any", "Force"))},
		{Name: "Get-Job", Run: passJobs, Parameters: slices.Concat(get, switches("IncludeChildJob", "HasMoreData"), []ParameterInfo{named("Newest"), named("Before"), named("After")})},
		{Name: "Remove-Job", Run: removeJob, Parameters: slices.Concat(jobs, switches("Force", "WhatIf", "Confirm"))},
		{Name: "Register-ScheduledJob", Run: scheduledJob, Open: true, Parameters: slices.Concat([]ParameterInfo{
			positional("Name", 0), positional("ScriptBlock", 1), named("InitializationScript"), named("ArgumentList")}, switches("RunNow", "RunAs32"))},
		{Name: "Measure-Command", Run: measureCommand, Parameters: run},
		{Name: "Trace-Command", Run: traceCommand, Open: true, Parameters: []ParameterInfo{positional("Name", 0), positional("Expression", 1), named("InputObject")}},
	}
	for _, name := range []string{"Register-ObjectEvent", "Register-EngineEvent", "Register-WmiEvent", "Register-CimIndicationEvent", "Set-PSBreakpoint"} {
		list = append(list, &cmdlet{Name: name, Run: whenItHappens, Open: true, Parameters: events})
	}
	list = append(list, &cmdlet{Name: "Update-TypeData", Run: updateTypeData, Open: true, Parameters: slices.Concat([]ParameterInfo{
		named("TypeName"), named("MemberType"), named("MemberName"), named("Value"), named("SecondValue")}, switches("Force", "PassThru"))})
	list = append(list, &cmdlet{Name: "Add-Type", Run: addType, Open: true, Parameters: slices.Concat([]ParameterInfo{
		{Name: "TypeDefinition", Position: 0}, {Name: "MemberDefinition", Position: 1}}, switches("PassThru"))})
	for _, name := range quietCommands {
		list = append(list, &cmdlet{Name: name, Run: quiet, Open: true, Parameters: switches("PassThru")})
	}
	return slices.Concat(list, childCommands(), registeringCommands())
}
