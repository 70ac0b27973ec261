import LinuxIO
import NodeCore

/// `device.info` (node-commands §15.2): what this machine is.
struct DeviceInfo: Command {
    static let name: CommandName = "device.info"
    static let summary = "The machine's name, model, system, kernel and version."

    struct Output: Encodable, Sendable {
        var deviceName: String
        var modelIdentifier: String
        var systemName: String
        var systemVersion: String
        var appVersion: String
        var appBuild: String
        var locale: String
        var kernel: String
        var arch: String
        var distroId: String
        var chassis: String?
        var virtualization: String?
    }

    let facts: MachineFacts
    let locale: String

    func run(_ params: NoParams, in context: InvocationContext) async throws -> Output {
        Output(
            // The host name can change while we run, and asking for it is one call.
            deviceName: facts.prettyHostName ?? hostName(), modelIdentifier: facts.model,
            systemName: "Linux \(facts.distribution)", systemVersion: facts.kernel, appVersion: nodeVersion,
            appBuild: nodeVersion, locale: locale, kernel: facts.kernel, arch: facts.architecture,
            distroId: facts.distributionID, chassis: facts.chassis, virtualization: facts.virtualization)
    }
}
