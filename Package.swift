// swift-tools-version: 6.0
import PackageDescription

// Warnings are errors with the compiler the project is developed with; another one may warn of other things.
#if compiler(>=6.1)
    let strict: [SwiftSetting] = [.unsafeFlags(["-warnings-as-errors"])]
    // Code that no frame and no picture passes need not be fast; what it takes, an idle daemon has in memory.
    let compact: [SwiftSetting] = strict + [.unsafeFlags(["-Osize"], .when(configuration: .release))]
#else
    // 6.0's optimiser crashes over non-copyable values that a function may throw away (StreamSocket.connect).
    let strict: [SwiftSetting] = [
        .unsafeFlags(["-Xfrontend", "-enable-copy-propagation=false"], .when(configuration: .release))
    ]
    let compact = strict
#endif

func target(
    _ name: String, _ dependencies: [Target.Dependency], _ settings: [SwiftSetting] = strict, path: String? = nil
) -> Target {
    .target(name: name, dependencies: dependencies, path: path, swiftSettings: settings)
}

// Swift's own runtime brings 40,000 relocations. Unpacked they are a megabyte that is read, and then resident, at every start.
// What the compiler has written out several times, the linker keeps once; and nobody looks a symbol up in a program.
let packed: [LinkerSetting] = [
    .unsafeFlags(
        [
            "-use-ld=lld", "-Xlinker", "-z", "-Xlinker", "pack-relative-relocs", "-Xlinker", "--icf=all",
            "-Xlinker", "--no-export-dynamic",
        ],
        .when(configuration: .release))
]

func program(_ name: String, _ dependencies: [Target.Dependency], path: String? = nil) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies, path: path, swiftSettings: strict, linkerSettings: packed)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: strict)
}

func library(_ name: String, pkgConfig: String, apt: String) -> Target {
    .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([apt])])
}

let package = Package(
    name: "clawnode",
    targets: [
        // ground
        .systemLibrary(name: "CLinux"),
        .systemLibrary(name: "CFramebuffer"),
        library("COpenSSL", pkgConfig: "openssl", apt: "libssl-dev"),
        library("CJSON", pkgConfig: "json-c", apt: "libjson-c-dev"),
        library("CTurboJPEG", pkgConfig: "libturbojpeg", apt: "libturbojpeg0-dev"),
        library("CLibAV", pkgConfig: "libavformat", apt: "libavformat-dev"),
        library("CV4L2", pkgConfig: "libv4lconvert", apt: "libv4l-dev"),
        // Their headers only: the libraries are loaded when they are wanted.
        .systemLibrary(name: "CALSA", providers: [.apt(["libasound2-dev"])]),
        .systemLibrary(name: "CPNG", providers: [.apt(["libpng-dev"])]),
        target("LinuxIO", ["CLinux"]),
        target("NodeCrypto", ["COpenSSL"]),
        target("DBus", ["LinuxIO"], compact),
        // shared
        target("NodeCore", ["LinuxIO"]),
        target("NodeConfiguration", ["NodeCore", "LinuxIO", "CJSON"], compact),
        target("Worker", ["NodeCore", "LinuxIO"]),
        target("NodeMedia", ["NodeCore", "LinuxIO"]),
        target("ClipChannel", ["Worker", "NodeMedia", "NodeCore", "LinuxIO"]),
        target("Manual", ["LinuxIO"], compact),
        // link
        target("WebSocket", ["NodeCore", "LinuxIO", "NodeCrypto"]),
        target("Gateway", ["WebSocket", "NodeCore", "NodeCrypto", "LinuxIO"], compact),
        target("Discovery", ["DBus", "NodeCore", "LinuxIO"], compact),
        // commands
        target("NodeCamera", ["NodeCore", "NodeMedia", "LinuxIO"]),
        target("NodeAudio", ["NodeCore", "NodeMedia", "LinuxIO"]),
        target("NodeScreen", ["NodeCore", "NodeMedia", "LinuxIO"]),
        target("NodeDevice", ["NodeCore", "LinuxIO"], compact),
        target("NodeLocation", ["NodeCore", "LinuxIO"], compact),
        target("NodeNotify", ["DBus", "NodeCore", "LinuxIO"], compact),
        // drivers
        target("CodecJPEG", ["NodeMedia", "LinuxIO", "CTurboJPEG"]),
        target("CodecPNG", ["NodeMedia", "LinuxIO", "CPNG"]),
        target("CodecLibAV", ["ClipChannel", "NodeMedia", "NodeCore", "LinuxIO", "CLibAV"]),
        target("CameraV4L2", ["NodeCamera", "NodeMedia", "NodeCore", "LinuxIO", "CV4L2"]),
        target("CameraRPi", ["NodeCamera", "NodeMedia", "NodeCore", "LinuxIO"]),
        target("CameraPattern", ["NodeCamera", "NodeMedia", "NodeCore", "LinuxIO"]),
        target("ScreenX11", ["NodeScreen", "NodeMedia", "LinuxIO"]),
        target("ScreenFramebuffer", ["NodeScreen", "NodeMedia", "LinuxIO", "CFramebuffer"]),
        target("ScreenWayland", ["NodeScreen", "NodeMedia", "LinuxIO"]),
        target("SoundPulse", ["NodeAudio", "NodeMedia", "LinuxIO"]),
        target("SoundALSA", ["NodeAudio", "NodeMedia", "LinuxIO", "CALSA"]),
        target("PlaceGPSD", ["NodeLocation", "NodeCore", "LinuxIO"], compact),
        target("PlaceGeoClue", ["NodeLocation", "DBus", "LinuxIO"], compact),
        // whole
        target(
            "NodeRuntime",
            [
                "Gateway", "WebSocket", "NodeConfiguration", "NodeAudio", "NodeCamera", "NodeDevice", "NodeLocation",
                "NodeNotify", "NodeScreen", "PlaceGPSD", "PlaceGeoClue", "Worker", "DBus", "NodeCrypto", "NodeCore",
                "LinuxIO",
            ], compact),
        target(
            "NodeDoctor",
            [
                "NodeRuntime", "Gateway", "WebSocket", "NodeConfiguration", "NodeAudio", "NodeCamera", "NodeDevice",
                "NodeLocation", "NodeScreen", "Worker", "NodeCrypto", "NodeCore", "LinuxIO",
            ], compact),
        target(
            "MediaRuntime",
            [
                "CameraV4L2", "CameraRPi", "CameraPattern", "CodecJPEG", "CodecPNG", "ClipChannel", "SoundPulse",
                "SoundALSA", "ScreenWayland", "ScreenX11", "ScreenFramebuffer", "NodeAudio", "NodeCamera", "NodeNotify",
                "NodeScreen", "NodeMedia", "Worker", "DBus", "NodeCore", "LinuxIO",
            ]),
        // aside
        target("PracticeGateway", ["WebSocket", "NodeCrypto", "NodeCore", "LinuxIO"]),
        // front
        program(
            "clawnode",
            [
                "NodeDoctor", "NodeRuntime", "Discovery", "DBus", "Manual", "Gateway", "WebSocket", "NodeCrypto",
                "NodeCore", "LinuxIO",
            ]),
        program("clawnode-media", ["MediaRuntime", "Manual", "NodeConfiguration", "Worker", "NodeCore", "LinuxIO"]),
        program("clawnode-encode", ["CodecLibAV", "Manual", "NodeCore", "LinuxIO"]),
        program("clawnode-demo", ["PracticeGateway", "Manual", "NodeCrypto", "NodeCore", "LinuxIO"]),
        // the worker that the benchmarks put in clawnode-media's place
        program("clawnode-blob", ["Worker", "NodeCore", "LinuxIO"], path: "Tests/Benchmarks/BlobWorker"),
        // how fast masking, UTF-8 and base64 are
        program("clawnode-wire", ["WebSocket", "NodeCore"], path: "Tests/Benchmarks/WireSpeed"),
        // tests
        target("NodeTesting", ["NodeCrypto", "NodeCore", "LinuxIO"], path: "Tests/NodeTesting"),
        target(
            "ScreenTesting",
            ["NodeScreen", "ClipChannel", "CodecJPEG", "NodeMedia", "NodeCore", "LinuxIO", "NodeTesting"],
            path: "Tests/ScreenTesting"),
        tests("LinuxIOTests", ["LinuxIO", "NodeCore", "NodeTesting"]),
        tests("NodeCryptoTests", ["NodeCrypto"]),
        tests("DBusTests", ["DBus", "LinuxIO", "NodeCore", "NodeTesting"]),
        tests("NodeCoreTests", ["NodeCore", "PracticeGateway", "LinuxIO", "NodeTesting"]),
        tests("NodeConfigurationTests", ["NodeConfiguration", "NodeCore", "LinuxIO", "NodeTesting"]),
        program("worker-probe", ["Worker", "NodeCore", "LinuxIO"], path: "Tests/worker-probe"),
        tests("WorkerTests", ["Worker", "NodeTesting", "worker-probe"]),
        tests("NodeMediaTests", ["NodeMedia"]),
        tests(
            "ClipChannelTests",
            ["clawnode-encode", "ClipChannel", "NodeMedia", "NodeCore", "LinuxIO", "NodeTesting"]),
        tests("CodecLibAVTests", ["CodecLibAV", "NodeMedia"]),
        tests("ManualTests", ["Manual"]),
        tests("WebSocketTests", ["WebSocket", "NodeTesting"]),
        tests("DiscoveryTests", ["Discovery", "DBus", "LinuxIO", "NodeTesting"]),
        tests("GatewayTests", ["Gateway", "NodeTesting", "PracticeGateway"]),
        tests("NodeCameraTests", ["NodeCamera", "NodeTesting"]),
        tests("NodeAudioTests", ["NodeAudio", "NodeMedia", "NodeTesting"]),
        tests("SoundPulseTests", ["SoundPulse", "NodeAudio", "NodeMedia", "NodeTesting"]),
        tests("SoundALSATests", ["SoundALSA", "NodeAudio", "NodeMedia", "NodeTesting"]),
        tests("NodeLocationTests", ["NodeLocation", "NodeCore", "LinuxIO", "NodeTesting"]),
        tests("PlaceGPSDTests", ["PlaceGPSD", "NodeLocation", "NodeCore", "LinuxIO", "NodeTesting"]),
        tests("PlaceGeoClueTests", ["PlaceGeoClue", "NodeLocation", "DBus", "LinuxIO", "NodeTesting"]),
        tests("NodeScreenTests", ["NodeScreen", "NodeMedia", "NodeCore", "LinuxIO", "NodeTesting"]),
        tests(
            "ScreenX11Tests",
            ["ScreenX11", "NodeScreen", "clawnode-encode", "NodeMedia", "NodeTesting", "ScreenTesting"]),
        tests(
            "ScreenFramebufferTests", ["ScreenFramebuffer", "CFramebuffer", "NodeScreen", "NodeTesting", "LinuxIO"]),
        tests(
            "ScreenWaylandTests",
            ["ScreenWayland", "NodeScreen", "clawnode-encode", "NodeMedia", "NodeTesting", "ScreenTesting"]),
        tests("NodeDeviceTests", ["NodeDevice", "NodeCore", "LinuxIO", "NodeTesting"]),
        tests("NodeNotifyTests", ["NodeNotify", "DBus", "NodeCore", "LinuxIO", "NodeTesting"]),
        tests("CodecJPEGTests", ["CodecJPEG", "NodeMedia"]),
        tests("CodecPNGTests", ["CodecPNG", "NodeMedia", "LinuxIO", "NodeTesting"]),
        tests("CameraV4L2Tests", ["CameraV4L2", "NodeCamera", "NodeMedia", "NodeTesting"]),
        .testTarget(
            name: "CameraRPiTests", dependencies: ["CameraRPi", "NodeCamera", "NodeMedia", "NodeTesting"],
            exclude: ["Listings", "StandIn"], swiftSettings: strict),
        tests("CameraPatternTests", ["CameraPattern", "NodeCamera", "CodecJPEG"]),
        tests("NodeRuntimeTests", ["NodeRuntime", "NodeTesting"]),
        tests(
            "NodeDoctorTests",
            [
                "NodeDoctor", "NodeRuntime", "NodeDevice", "Gateway", "Worker", "PracticeGateway", "NodeTesting",
                "NodeCrypto",
                "NodeCore",
                "LinuxIO",
            ]),
        // for the tests in the guest with a disk
        program(
            "practice-gateway", ["PracticeGateway", "NodeCrypto", "LinuxIO"], path: "Tests/practice-gateway"),
        tests("PracticeGatewayTests", ["PracticeGateway", "WebSocket", "NodeTesting"]),
        tests(
            "ClawnodeTests", ["clawnode", "NodeRuntime", "Gateway", "Manual", "NodeCore", "LinuxIO", "NodeTesting"]),
        tests(
            "EndToEndTests",
            [
                "clawnode", "clawnode-media", "clawnode-encode", "clawnode-demo", "PracticeGateway", "NodeTesting",
                "DBus", "NodeCrypto", "NodeCore", "LinuxIO",
            ]),
    ],
    swiftLanguageModes: [.v6]
)

// What only some builds can link: Tests/Sanitizers/run and Tests/Fuzz/run ask for it.
if Context.environment["CLAWNODE_THREAD_SANITIZER"] != nil {
    package.targets.append(
        .target(name: "CSanitizer", path: "Tests/Sanitizers", exclude: ["run"], publicHeadersPath: "."))
    package.targets.first { $0.name == "LinuxIO" }?.dependencies.append("CSanitizer")
}
if Context.environment["CLAWNODE_FUZZ"] != nil {
    package.targets.append(
        .executableTarget(
            name: "fuzz",
            dependencies: [
                "WebSocket", "Gateway", "PracticeGateway", "NodeRuntime", "NodeConfiguration", "NodeCamera", "Worker",
                "Discovery", "DBus", "PlaceGPSD", "NodeLocation", "ScreenWayland", "ScreenX11", "NodeScreen",
                "CodecJPEG", "ClipChannel", "NodeMedia", "NodeCrypto",
                "NodeCore", "LinuxIO", "NodeTesting",
            ], path: "Tests/Fuzz", exclude: ["Corpus", "run"], swiftSettings: strict))
}
