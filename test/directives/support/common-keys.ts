import type { Format } from '../../../lib/directives/catalog';

/** The 300 keys that real files use most, by format and by section or mixin: each has a hover text. */
export const COMMON_KEYS: Partial<Record<Format, Record<string, string>>> = {
  unit: {
    Automount: 'Where',
    ExecOptions: `
      AmbientCapabilities CPUSchedulingPolicy CacheDirectory CapabilityBoundingSet ConfigurationDirectory
      DynamicUser Environment EnvironmentFile ExecPaths Group IOSchedulingClass IOSchedulingPriority
      IgnoreSIGPIPE KeyringMode LimitCORE LimitMEMLOCK LimitNOFILE LimitNPROC LimitRTPRIO LimitRTTIME
      LoadCredential LockPersonality LogsDirectory LogsDirectoryMode MemoryDenyWriteExecute MountFlags Nice
      NoExecPaths NoNewPrivileges OOMScoreAdjust PAMName PrivateDevices PrivateNetwork PrivateTmp PrivateUsers
      ProcSubset ProtectClock ProtectControlGroups ProtectHome ProtectHostname ProtectKernelLogs
      ProtectKernelModules ProtectKernelTunables ProtectProc ProtectSystem ReadOnlyPaths ReadWritePaths
      RemoveIPC RestrictAddressFamilies RestrictNamespaces RestrictRealtime RestrictSUIDSGID RuntimeDirectory
      RuntimeDirectoryMode RuntimeDirectoryPreserve StandardError StandardInput StandardOutput StateDirectory
      StateDirectoryMode SupplementaryGroups SyslogIdentifier SystemCallArchitectures SystemCallErrorNumber
      SystemCallFilter TTYPath TTYReset TTYVHangup UMask UnsetEnvironment User UtmpIdentifier WorkingDirectory`,
    Install: 'Alias Also RequiredBy WantedBy',
    KillOptions: 'KillMode KillSignal SendSIGHUP SendSIGKILL',
    Mount: 'Options Type What Where',
    Path: 'DirectoryNotEmpty MakeDirectory PathChanged',
    ResourceControlOptions: `
      CPUWeight Delegate DeviceAllow DevicePolicy IPAddressDeny ManagedOOMMemoryPressure MemoryHigh
      MemorySwapMax Slice TasksMax`,
    Service: `
      BusName ExecCondition ExecReload ExecStart ExecStartPost ExecStartPre ExecStop ExecStopPost
      FileDescriptorStoreMax NonBlocking NotifyAccess OOMPolicy PIDFile RemainAfterExit Restart
      RestartForceExitStatus RestartMaxDelaySec RestartPreventExitStatus RestartSec RestartSteps Sockets
      SuccessExitStatus TimeoutSec TimeoutStartSec TimeoutStopSec Type WatchdogSec`,
    Socket: `
      BindIPv6Only DirectoryMode ExecStartPre FileDescriptorName ListenDatagram ListenStream PassCredentials
      PassSecurity ReceiveBuffer RemoveOnStop Service SocketGroup SocketMode SocketUser`,
    Timer: 'FixedRandomDelay OnActiveSec OnBootSec OnCalendar OnUnitActiveSec Persistent RandomizedDelaySec',
    Unit: `
      After AllowIsolate AssertPathExists Before BindsTo ConditionACPower ConditionCapability
      ConditionControlGroupController ConditionDirectoryNotEmpty ConditionFileIsExecutable ConditionFileNotEmpty
      ConditionFirstBoot ConditionKernelCommandLine ConditionOSRelease ConditionPathExists
      ConditionPathExistsGlob ConditionPathIsDirectory ConditionPathIsMountPoint ConditionPathIsReadWrite
      ConditionPathIsSymbolicLink ConditionSecurity ConditionVirtualization Conflicts DefaultDependencies
      Description Documentation IgnoreOnIsolate OnFailure OnFailureJobMode PartOf RefuseManualStart
      ReloadPropagatedFrom Requires RequiresMountsFor Requisite StartLimitBurst StartLimitIntervalSec
      StopWhenUnneeded SuccessAction Wants`,
  },
  quadlet: {
    Build: 'File ImageTag SetWorkingDirectory',
    Container: `
      AddCapability AddDevice AddHost Annotation AutoUpdate ContainerName DNS DropCapability Entrypoint
      Environment EnvironmentFile Exec GIDMap Group HealthCmd HealthInterval HealthOnFailure HealthRetries
      HealthStartPeriod HealthStartupCmd HealthStartupInterval HealthStartupRetries HealthStartupSuccess
      HealthStartupTimeout HealthTimeout HostName Image Label LogDriver LogOpt Mask Memory Network NetworkAlias
      NoNewPrivileges Notify PidsLimit Pod PodmanArgs PublishPort Pull ReadOnly Retry RetryDelay RunInit Secret
      SecurityLabelDisable ShmSize StopTimeout Timezone Tmpfs UIDMap Ulimit User UserNS Volume WorkingDir`,
    Image: 'Image ImageTag Retry RetryDelay TLSVerify',
    Network: 'DisableDNS Driver Gateway IPRange IPv6 Internal NetworkName Options Subnet',
    Pod: 'AddHost Network PodName PublishPort ServiceName UserNS',
    Quadlet: 'DefaultDependencies',
  },
  network: {
    DHCPv4: 'UseDNS',
    Link: 'Unmanaged',
    Match: 'Driver KernelCommandLine Name Type Virtualization',
    Network: `
      Address Bridge DHCP DHCPServer DNS Description EmitLLDP Gateway IPMasquerade IPv6AcceptRA IPv6SendRA
      KeepConfiguration LLDP LinkLocalAddressing`,
    Route: 'Gateway',
  },
  link: {
    Link: 'AlternativeName AlternativeNamesPolicy MACAddressPolicy Name NamePolicy',
    Match: 'Driver KernelCommandLine MACAddress OriginalName Type',
  },
};
