/// A systemd service that runs a load until it is done, over restarts and reboots.
package struct SystemdUnit: Sendable {
    package var job: String
    /// Absolute paths: the program, the spec, and the folders that the load writes to.
    package var program: String
    package var spec: String
    package var writable: [String]
    package var user: String
    /// What the program is called with beside the spec.
    package var arguments: [String]

    package init(job: String, program: String, spec: String, writable: [String], user: String, arguments: [String] = []) {
        self.job = job
        self.program = program
        self.spec = spec
        self.writable = writable
        self.user = user
        self.arguments = arguments
    }

    /// The unit's file. Its directives are those of systemd.service(5) and systemd.exec(5).
    package var text: String {
        let command = ([program, "load", spec] + arguments + ["--no-progress"]).map(Self.quoted).joined(separator: " ")
        return """
            # /etc/systemd/system/saltmill-\(job).service
            # systemctl daemon-reload && systemctl enable --now saltmill-\(job)
            [Unit]
            Description=Saltmill load \(Self.escaped(job))
            Documentation=man:systemd.service(5)
            Wants=network-online.target
            After=network-online.target time-sync.target
            # However often it fails, it is tried again.
            StartLimitIntervalSec=0

            [Service]
            Type=notify
            NotifyAccess=main
            ExecStart=\(command)
            # Reads the spec's rate and schedule again.
            ExecReload=/bin/kill -HUP $MAINPID
            User=\(Self.escaped(user))
            # Credentials, as NAME=value lines that only root reads: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION.
            EnvironmentFile=-/etc/saltmill/\(job).env
            WatchdogSec=120
            Restart=on-failure
            RestartSec=30
            # 130: stopped on purpose, a checkpoint is written. 10: the run time is used up.
            SuccessExitStatus=10 130
            # Trying again would not help: 2 wrong spec, 3 finished with rejected rows, 4 differences found, 11 another instance holds the job.
            RestartPreventExitStatus=2 3 4 11
            # Requests under way come back and a checkpoint is written, which takes five seconds at most.
            KillSignal=SIGTERM
            TimeoutStopSec=30

            UMask=0077
            NoNewPrivileges=yes
            ProtectSystem=strict
            ReadWritePaths=\(writable.map(Self.quoted).joined(separator: " "))
            ProtectHome=read-only
            PrivateTmp=yes
            PrivateDevices=yes
            ProtectProc=invisible
            ProtectClock=yes
            ProtectHostname=yes
            ProtectControlGroups=yes
            ProtectKernelLogs=yes
            ProtectKernelModules=yes
            ProtectKernelTunables=yes
            RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
            RestrictNamespaces=yes
            RestrictRealtime=yes
            RestrictSUIDSGID=yes
            LockPersonality=yes
            MemoryDenyWriteExecute=yes
            SystemCallArchitectures=native
            SystemCallFilter=@system-service
            SystemCallErrorNumber=EPERM
            CapabilityBoundingSet=
            AmbientCapabilities=
            MemoryMax=512M
            OOMPolicy=stop
            # Where the control socket is: `saltmill ctl \(Self.escaped(spec)) status`, as the same user.
            RuntimeDirectory=saltmill-\(job)
            RuntimeDirectoryMode=0700
            Environment=XDG_RUNTIME_DIR=/run/saltmill-\(job)

            [Install]
            WantedBy=multi-user.target

            """
    }

    /// A word of a command or list: in quotes where it has to be, with `%` doubled.
    static func quoted(_ word: String) -> String {
        let text = escaped(word).replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("$", with: "$$")
        return word.contains { " \t\"'\\;#".contains($0) } ? "\"\(text)\"" : text
    }

    /// A value: `%` begins a specifier, a line break another directive.
    static func escaped(_ text: String) -> String { text.replacing("%", with: "%%").replacing("\n", with: " ") }
}
