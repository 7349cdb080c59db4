package evtxtest

// Kinds of events that a case may hold. Names, types and numbers are those of
// Windows; the definitions of PowerShell's script blocks have their real GUIDs.
var (
	ScriptBlockLogged = powerShell(4104, 5, 15, 2, "4f13e858-7e73-5e62-55dd-5ae8981b7af9",
		Field{"MessageNumber", Int32}, Field{"MessageTotal", Int32}, Field{"ScriptBlockText", UTF16},
		Field{"ScriptBlockId", UTF16}, Field{"Path", UTF16})

	// ScriptBlockLogged4 is of PowerShell 4.0, which logs no path.
	ScriptBlockLogged4 = powerShell(4104, 5, 15, 102, "11a920ac-99a5-465d-bb7e-62c29b88190c",
		ScriptBlockLogged.Fields[:4]...)

	// ScriptBlockLoggedCore is of PowerShell 6 and later.
	ScriptBlockLoggedCore = core(ScriptBlockLogged)

	CommandLogged = powerShell(4103, 4, 20, 106, "",
		Field{"ContextInfo", UTF16}, Field{"UserData", UTF16}, Field{"Payload", UTF16})

	ConsoleStarting = powerShell(40961, 4, 1, 4, "")
	ConsoleReady    = powerShell(40962, 4, 2, 4, "")
	IPCListening    = powerShell(53504, 4, 10, 111, "", Field{"param1", UTF16}, Field{"param2", UTF16})

	// EngineStarted takes the new state, the old state and the details.
	EngineStarted = classic("PowerShell", "Windows PowerShell", 400, 0, 4, 4)
	// PipelineExecuted takes the command line, the context and the details.
	PipelineExecuted = classic("PowerShell", "Windows PowerShell", 800, 0, 4, 8)

	// ExchangeCommand and ExchangeFailure take 27 strings.
	ExchangeCommand = classic("MSExchange CmdletLogs", "MSExchange Management", 1, 16384, 4, 1)
	ExchangeFailure = classic("MSExchange CmdletLogs", "MSExchange Management", 6, 49152, 2, 1)

	Logon = security(4624, 2, 12544,
		Field{"SubjectUserSid", SID}, Field{"SubjectUserName", UTF16}, Field{"SubjectDomainName", UTF16},
		Field{"SubjectLogonId", Hex64}, Field{"TargetUserSid", SID}, Field{"TargetUserName", UTF16},
		Field{"TargetDomainName", UTF16}, Field{"TargetLogonId", Hex64}, Field{"LogonType", UInt32},
		Field{"LogonProcessName", UTF16}, Field{"AuthenticationPackageName", UTF16},
		Field{"WorkstationName", UTF16}, Field{"LogonGuid", GUID}, Field{"TransmittedServices", UTF16},
		Field{"LmPackageName", UTF16}, Field{"KeyLength", UInt32}, Field{"ProcessId", Hex64},
		Field{"ProcessName", UTF16}, Field{"IpAddress", UTF16}, Field{"IpPort", UTF16},
		Field{"ImpersonationLevel", UTF16}, Field{"RestrictedAdminMode", UTF16},
		Field{"TargetOutboundUserName", UTF16}, Field{"TargetOutboundDomainName", UTF16},
		Field{"VirtualAccount", UTF16}, Field{"TargetLinkedLogonId", Hex64}, Field{"ElevatedToken", UTF16})

	ProcessCreated = security(4688, 2, 13312,
		Field{"SubjectUserSid", SID}, Field{"SubjectUserName", UTF16}, Field{"SubjectDomainName", UTF16},
		Field{"SubjectLogonId", Hex64}, Field{"NewProcessId", Hex64}, Field{"NewProcessName", UTF16},
		Field{"TokenElevationType", UTF16}, Field{"ProcessId", Hex64}, Field{"CommandLine", UTF16},
		Field{"TargetUserSid", SID}, Field{"TargetUserName", UTF16}, Field{"TargetDomainName", UTF16},
		Field{"TargetLogonId", Hex64}, Field{"ParentProcessName", UTF16}, Field{"MandatoryLabel", SID})

	ShareAccessed = security(5145, 0, 12811,
		Field{"SubjectUserSid", SID}, Field{"SubjectUserName", UTF16}, Field{"SubjectDomainName", UTF16},
		Field{"SubjectLogonId", Hex64}, Field{"ObjectType", UTF16}, Field{"IpAddress", UTF16},
		Field{"IpPort", UTF16}, Field{"ShareName", UTF16}, Field{"ShareLocalPath", UTF16},
		Field{"RelativeTargetName", UTF16}, Field{"AccessMask", Hex32}, Field{"AccessList", UTF16},
		Field{"AccessReason", UTF16})

	SecurityLogCleared = logService("Security", 1102, 4, "LogFileCleared",
		Field{"SubjectUserSid", SID}, Field{"SubjectUserName", UTF16}, Field{"SubjectDomainName", UTF16},
		Field{"SubjectLogonId", Hex64})

	// LogCleared stands in the log System and names the cleared one.
	LogCleared = logService("System", 104, 4, "LogFileCleared",
		Field{"SubjectUserName", UTF16}, Field{"SubjectDomainName", UTF16}, Field{"Channel", UTF16},
		Field{"BackupPath", UTF16})

	SysmonProcessCreated = sysmon(1, 5,
		Field{"RuleName", UTF16}, Field{"UtcTime", UTF16}, Field{"ProcessGuid", GUID}, Field{"ProcessId", UInt32},
		Field{"Image", UTF16}, Field{"FileVersion", UTF16}, Field{"Description", UTF16}, Field{"Product", UTF16},
		Field{"Company", UTF16}, Field{"OriginalFileName", UTF16}, Field{"CommandLine", UTF16},
		Field{"CurrentDirectory", UTF16}, Field{"User", UTF16}, Field{"LogonGuid", GUID}, Field{"LogonId", Hex64},
		Field{"TerminalSessionId", UInt32}, Field{"IntegrityLevel", UTF16}, Field{"Hashes", UTF16},
		Field{"ParentProcessGuid", GUID}, Field{"ParentProcessId", UInt32}, Field{"ParentImage", UTF16},
		Field{"ParentCommandLine", UTF16})

	SysmonFileCreated = sysmon(11, 2,
		Field{"RuleName", UTF16}, Field{"UtcTime", UTF16}, Field{"ProcessGuid", GUID}, Field{"ProcessId", UInt32},
		Field{"Image", UTF16}, Field{"TargetFilename", UTF16}, Field{"CreationUtcTime", UTF16})
)

func powerShell(id uint16, level, opcode uint8, task uint16, template string, fields ...Field) Kind {
	return Kind{
		Provider: "Microsoft-Windows-PowerShell", GUID: "a0c1853b-5c40-4b15-8766-3cf1c58f985a",
		Channel: "Microsoft-Windows-PowerShell/Operational",
		ID:      id, Version: 1, Level: level, Opcode: opcode, Task: task, Template: template, Fields: fields,
	}
}

// core returns a kind of PowerShell's events as PowerShell 6 and later log it.
func core(k Kind) Kind {
	k.Provider, k.GUID = "PowerShellCore", "f90714a8-5509-434a-bf6d-b1624c8a19a2"
	k.Channel, k.Template = "PowerShellCore/Operational", ""
	return k
}

func classic(provider, channel string, id, qualifiers uint16, level uint8, task uint16) Kind {
	return Kind{
		Layout: Classic, Provider: provider, Channel: channel,
		ID: id, Qualifiers: qualifiers, Level: level, Task: task, Keywords: 0x80000000000000,
	}
}

func security(id uint16, version uint8, task uint16, fields ...Field) Kind {
	return Kind{
		Provider: "Microsoft-Windows-Security-Auditing", GUID: "54849625-5478-4994-a5ba-3e3b0328c30d",
		Channel: "Security",
		ID:      id, Version: version, Task: task, Keywords: 0x8020000000000000, Fields: fields,
	}
}

func logService(channel string, id uint16, level uint8, element string, fields ...Field) Kind {
	return Kind{
		Layout: LogService, Provider: "Microsoft-Windows-Eventlog", GUID: "fc65ddd8-d6ef-4962-83d5-6e5cfe9ce148",
		Channel: channel, ID: id, Level: level, Task: 104, Keywords: 0x4020000000000000, Fields: fields,
		Element: element, Namespace: "http://manifests.microsoft.com/win/2004/08/windows/eventlog",
	}
}

func sysmon(id uint16, version uint8, fields ...Field) Kind {
	return Kind{
		Provider: "Microsoft-Windows-Sysmon", GUID: "5770385f-c22a-43e0-bf4c-06f5698ffbd9",
		Channel: "Microsoft-Windows-Sysmon/Operational",
		ID:      id, Version: version, Level: 4, Task: id, Keywords: 0x8000000000000000, Fields: fields,
	}
}
