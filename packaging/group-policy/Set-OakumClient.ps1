#Requires -Version 5.1
#Requires -RunAsAdministrator
<#
.SYNOPSIS
Points this computer at an Oakum server, or back to where it was before any policy.

.DESCRIPTION
Writes the same values as the Group Policy settings "Specify intranet Microsoft update service location", "Enable
client-side targeting", "Do not connect to any Windows Update Internet locations", "Allow signed updates from an
intranet Microsoft update service location", "Specify source service for specific classes of Windows Updates" and
"Configure Automatic Updates". In a domain use a Group Policy object instead: it would overwrite these values.

Nothing is changed unless the server answers, except with -SkipServerCheck. -WhatIf shows what would be done.

.PARAMETER Server
Address of the server with its port: http://updates.example.com:8530 or https://updates.example.com:8531.

.PARAMETER TargetGroup
Groups this computer asks for; needs the server's setting clients.targeting = "client".

.PARAMETER CertificateAuthority
Certificate of the authority that issued the server's certificate (oakum tls), to be trusted on this computer.

.PARAMETER PinAuthority
Also accept, for updates, no certificate that another authority has issued.

.PARAMETER NoTrustedPublishers
Refuse updates that are signed by anybody but Microsoft.

.PARAMETER KeepAutomaticUpdates
Leave the times of downloads and installations as they are.

.PARAMETER Remove
Take away everything that this script writes.

.EXAMPLE
.\Set-OakumClient.ps1 -Server https://updates.example.com:8531 -CertificateAuthority .\ca.pem -TargetGroup Pilot

.EXAMPLE
.\Set-OakumClient.ps1 -Remove -WhatIf
#>
[CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'Medium', DefaultParameterSetName = 'Set')]
param(
    [Parameter(Mandatory, Position = 0, ParameterSetName = 'Set')]
    [ValidatePattern('^https?://[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?:[0-9]{1,5}$')]
    [string] $Server,

    [Parameter(ParameterSetName = 'Set')]
    [ValidatePattern('^[^;\x00-\x1f]{1,256}$')]
    [string[]] $TargetGroup = @(),

    [Parameter(ParameterSetName = 'Set')]
    [ValidateScript({ Test-Path -LiteralPath $_ -PathType Leaf })]
    [string] $CertificateAuthority,

    [Parameter(ParameterSetName = 'Set')]
    [switch] $PinAuthority,

    [Parameter(ParameterSetName = 'Set')]
    [switch] $NoTrustedPublishers,

    [Parameter(ParameterSetName = 'Set')]
    [switch] $KeepAutomaticUpdates,

    [Parameter(ParameterSetName = 'Set')]
    [switch] $SkipServerCheck,

    [Parameter(Mandatory, ParameterSetName = 'Remove')]
    [switch] $Remove
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

$policy = 'HKLM:\SOFTWARE\Policies\Microsoft\Windows\WindowsUpdate'
$automatic = "$policy\AU"

function Get-Values {
    $values = @(
        @{ Key = $policy; Name = 'WUServer'; Type = 'String'; Value = $Server }
        @{ Key = $policy; Name = 'WUStatusServer'; Type = 'String'; Value = $Server }
        # Overrides the addresses of all files if it is set: what another tool has left would be obeyed.
        @{ Key = $policy; Name = 'UpdateServiceUrlAlternate'; Type = 'String'; Value = '' }
        @{ Key = $policy; Name = 'SetProxyBehaviorForUpdateDetection'; Type = 'DWord'; Value = 0 }
        @{ Key = $policy; Name = 'TargetGroupEnabled'; Type = 'DWord'; Value = [int]($TargetGroup.Count -gt 0) }
        @{ Key = $policy; Name = 'TargetGroup'; Type = 'String'; Value = $TargetGroup -join ';' }
        @{ Key = $policy; Name = 'DoNotConnectToWindowsUpdateInternetLocations'; Type = 'DWord'; Value = 1 }
        @{ Key = $policy; Name = 'AcceptTrustedPublisherCerts'; Type = 'DWord'; Value = [int](-not $NoTrustedPublishers) }
        @{ Key = $automatic; Name = 'UseWUServer'; Type = 'DWord'; Value = 1 }
        @{ Key = $automatic; Name = 'UseUpdateClassPolicySource'; Type = 'DWord'; Value = 1 }
    )
    foreach ($class in 'Feature', 'Quality', 'Driver', 'Other') {
        $values += @{ Key = $policy; Name = "SetPolicyDrivenUpdateSourceFor${class}Updates"; Type = 'DWord'; Value = 1 }
    }
    if (-not $KeepAutomaticUpdates) {
        $values += @{ Key = $automatic; Name = 'NoAutoUpdate'; Type = 'DWord'; Value = 0 }
        $values += @{ Key = $automatic; Name = 'AUOptions'; Type = 'DWord'; Value = 4 }
        $values += @{ Key = $automatic; Name = 'ScheduledInstallDay'; Type = 'DWord'; Value = 0 }
        $values += @{ Key = $automatic; Name = 'ScheduledInstallTime'; Type = 'DWord'; Value = 3 }
        $values += @{ Key = $automatic; Name = 'DetectionFrequencyEnabled'; Type = 'DWord'; Value = 1 }
        $values += @{ Key = $automatic; Name = 'DetectionFrequency'; Type = 'DWord'; Value = 22 }
    }
    $values
}

# Also what a run without -KeepAutomaticUpdates has written.
function Get-Names {
    'WUServer', 'WUStatusServer', 'UpdateServiceUrlAlternate', 'SetProxyBehaviorForUpdateDetection',
    'TargetGroupEnabled', 'TargetGroup', 'DoNotConnectToWindowsUpdateInternetLocations',
    'AcceptTrustedPublisherCerts', 'SetPolicyDrivenUpdateSourceForFeatureUpdates',
    'SetPolicyDrivenUpdateSourceForQualityUpdates', 'SetPolicyDrivenUpdateSourceForDriverUpdates',
    'SetPolicyDrivenUpdateSourceForOtherUpdates' | ForEach-Object { @{ Key = $policy; Name = $_ } }
    'UseWUServer', 'UseUpdateClassPolicySource', 'NoAutoUpdate', 'AUOptions', 'ScheduledInstallDay',
    'ScheduledInstallTime', 'DetectionFrequencyEnabled', 'DetectionFrequency' |
        ForEach-Object { @{ Key = $automatic; Name = $_ } }
}

function Test-Server {
    # Plain enough for every version of Oakum, and for WSUS: the file an agent asks for first.
    $uri = "$Server/SelfUpdate/iuident.cab"
    try {
        [Net.ServicePointManager]::SecurityProtocol = [Net.ServicePointManager]::SecurityProtocol -bor [Net.SecurityProtocolType]::Tls12
        $null = Invoke-WebRequest -Uri $uri -UseBasicParsing -TimeoutSec 15
    } catch {
        throw "The server does not answer at $uri, so nothing was changed: $($_.Exception.Message)"
    }
}

function Add-Authority([string] $Store) {
    if ($PSCmdlet.ShouldProcess("Cert:\LocalMachine\$Store", "Import $CertificateAuthority")) {
        $certificate = [Security.Cryptography.X509Certificates.X509Certificate2]::new((Resolve-Path -LiteralPath $CertificateAuthority).ProviderPath)
        $opened = [Security.Cryptography.X509Certificates.X509Store]::new($Store, 'LocalMachine')
        $opened.Open('ReadWrite')
        try { $opened.Add($certificate) } finally { $opened.Close() }
    }
}

function Restart-Agent {
    if ($PSCmdlet.ShouldProcess('Windows Update', 'Restart the service and look for updates')) {
        Restart-Service -Name wuauserv -Force
        $null = (New-Object -ComObject Microsoft.Update.AutoUpdate).DetectNow()
    }
}

if ($Remove) {
    foreach ($value in Get-Names) {
        if ($null -eq (Get-ItemProperty -LiteralPath $value.Key -Name $value.Name -ErrorAction SilentlyContinue)) { continue }
        if ($PSCmdlet.ShouldProcess("$($value.Key)\$($value.Name)", 'Remove')) {
            Remove-ItemProperty -LiteralPath $value.Key -Name $value.Name
        }
    }
    Restart-Agent
    return
}

if ($PinAuthority -and -not $CertificateAuthority) { throw '-PinAuthority needs -CertificateAuthority.' }
# First: the check below may need it.
if ($CertificateAuthority) { Add-Authority -Store 'Root' }
if (-not $SkipServerCheck -and -not $WhatIfPreference) { Test-Server }
# The agent accepts nothing else once something is in this store.
if ($PinAuthority) { Add-Authority -Store 'WindowsServerUpdateServices' }
foreach ($value in Get-Values) {
    if (-not $PSCmdlet.ShouldProcess("$($value.Key)\$($value.Name)", "Set to '$($value.Value)'")) { continue }
    if (-not (Test-Path -LiteralPath $value.Key)) { $null = New-Item -Path $value.Key -Force }
    $null = New-ItemProperty -LiteralPath $value.Key -Name $value.Name -PropertyType $value.Type -Value $value.Value -Force
}
if ($Server.StartsWith('http:')) {
    Write-Warning 'Plain HTTP: whoever sits between this computer and the server decides what it installs. Use https and port 8531.'
}
Restart-Agent
