// swift-tools-version: 6.0
import PackageDescription

#if canImport(FoundationEssentials)
    import Foundation
#else
    import Foundation
#endif

// Warnings are errors where the compiler offers it without slowing users of older ones down.
#if compiler(>=6.1)
    let strict: [SwiftSetting] = [.unsafeFlags(["-warnings-as-errors"])]
#else
    let strict: [SwiftSetting] = []
#endif

func target(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func program(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource]? = nil) -> Target {
    .testTarget(name: name, dependencies: dependencies, exclude: [], resources: resources, swiftSettings: strict)
}

func library(_ name: String, pkgConfig: String? = nil, apt: String) -> Target {
    .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([apt])])
}

let package = Package(
    name: "clawnode",
    targets: [
        // ground
        .systemLibrary(name: "CLinux"),
        library("COpenSSL", pkgConfig: "openssl", apt: "libssl-dev"),
        library("CJSON", pkgConfig: "json-c", apt: "libjson-c-dev"),
        library("CTurboJPEG", pkgConfig: "libturbojpeg", apt: "libturbojpeg0-dev"),
        library("CV4L2", pkgConfig: "libv4lconvert", apt: "libv4l-dev"),
        target("LinuxIO", ["CLinux"]),
        target("NodeCrypto", ["COpenSSL"]),
        // shared
        target("NodeCore", ["LinuxIO"]),
        target("NodeConfiguration", ["NodeCore", "LinuxIO", "CJSON"]),
        target("Worker", ["NodeCore", "LinuxIO"]),
        target("NodeMedia", ["NodeCore", "LinuxIO"]),
        // link
        target("WebSocket", ["NodeCore", "LinuxIO", "NodeCrypto"]),
        target("Gateway", ["WebSocket", "NodeCore", "NodeCrypto", "LinuxIO"]),
        // commands
        target("NodeCamera", ["NodeCore", "NodeMedia", "LinuxIO"]),
        target("NodeDevice", ["NodeCore", "LinuxIO"]),
        // drivers
        target("CodecJPEG", ["NodeMedia", "LinuxIO", "CTurboJPEG"]),
        target("CameraV4L2", ["NodeCamera", "NodeMedia", "NodeCore", "LinuxIO", "CV4L2"]),
        target("CameraPattern", ["NodeCamera", "NodeMedia", "NodeCore", "LinuxIO"]),
        // whole
        target(
            "NodeRuntime",
            [
                "Gateway", "WebSocket", "NodeConfiguration", "NodeCamera", "NodeDevice", "Worker", "NodeCrypto",
                "NodeCore", "LinuxIO",
            ]),
        target(
            "MediaRuntime",
            [
                "CameraV4L2", "CameraPattern", "CodecJPEG", "NodeCamera", "NodeConfiguration", "Worker", "NodeCore",
                "LinuxIO",
            ]),
        // aside
        target("PracticeGateway", ["WebSocket", "NodeCrypto", "NodeCore", "LinuxIO"]),
        // front
        program("clawnode", ["NodeRuntime", "Gateway", "NodeCrypto", "NodeCore", "LinuxIO"]),
        program("clawnode-media", ["MediaRuntime", "NodeConfiguration", "Worker", "NodeCore", "LinuxIO"]),
        program("clawnode-demo", ["PracticeGateway", "NodeCrypto", "NodeCore", "LinuxIO"]),
        // the worker that the benchmarks put in clawnode-media's place
        .executableTarget(
            name: "clawnode-blob", dependencies: ["Worker", "NodeCore", "LinuxIO"], path: "Tests/Benchmarks/BlobWorker",
            swiftSettings: strict),
        // tests
        target("NodeTesting", ["NodeCore", "LinuxIO"]),
        tests("LinuxIOTests", ["LinuxIO", "NodeTesting"]),
        tests("NodeCryptoTests", ["NodeCrypto"]),
        tests("NodeCoreTests", ["NodeCore", "NodeTesting"]),
        tests("NodeConfigurationTests", ["NodeConfiguration", "NodeCore"]),
        program("worker-probe", ["Worker", "NodeCore", "LinuxIO"]),
        tests("WorkerTests", ["Worker", "NodeTesting", "worker-probe"]),
        tests("NodeMediaTests", ["NodeMedia"]),
        tests("WebSocketTests", ["WebSocket", "NodeTesting"]),
        tests("GatewayTests", ["Gateway", "NodeTesting", "PracticeGateway"]),
        tests("NodeCameraTests", ["NodeCamera", "NodeTesting"]),
        tests("NodeDeviceTests", ["NodeDevice", "NodeCore", "LinuxIO", "NodeTesting"]),
        tests("CodecJPEGTests", ["CodecJPEG", "NodeMedia"]),
        tests("CameraV4L2Tests", ["CameraV4L2", "NodeCamera", "NodeMedia"]),
        tests("CameraPatternTests", ["CameraPattern", "NodeCamera", "CodecJPEG"]),
        tests("NodeRuntimeTests", ["NodeRuntime", "NodeTesting"]),
        tests("PracticeGatewayTests", ["PracticeGateway", "NodeTesting"]),
        tests("EndToEndTests", ["PracticeGateway", "NodeTesting", "NodeCore", "LinuxIO"]),
    ],
    swiftLanguageModes: [.v6]
)

// While targets are being written: only those that have a folder.
let root = Context.packageDirectory
func hasSources(_ name: String) -> Bool {
    ["Sources", "Tests"].contains { folder in
        let names = (try? FileManager.default.subpathsOfDirectory(atPath: "\(root)/\(folder)/\(name)")) ?? []
        return names.contains { $0.hasSuffix(".swift") || $0.hasSuffix(".modulemap") }
    }
}
package.targets = package.targets.filter { $0.path != nil || hasSources($0.name) }
for target in package.targets {
    target.dependencies = target.dependencies.filter {
        if case .byNameItem(let name, _) = $0 { return hasSources(name) }
        return true
    }
    if ["NodeTesting", "worker-probe"].contains(target.name) { target.path = "Tests/\(target.name)" }
}
