/// What the PulseAudio protocol calls what we say and hear (pulsecore/native-common.h). Nobody gives these numbers another meaning:
/// the protocol only grows.
enum PulseCommand: UInt32 {
    case error = 0
    case reply = 2
    case createRecordStream = 5
    case authenticate = 8
    case setClientName = 9
    case getServerInfo = 20
    case getSinkInfoList = 22
    case getSourceInfoList = 24
    case getRecordLatency = 57
    case recordStreamKilled = 65

    /// The version that we speak, of February 2009: the oldest with names for people, which every server since understands.
    static let version: UInt32 = 13
    /// No index.
    static let none: UInt32 = 0xFFFF_FFFF
}

/// Why a server refuses something (pulse/def.h).
enum PulseRefusal: UInt32 {
    case access = 1
    case noEntity = 5
    case connectionTerminated = 11
    case killed = 12
    case busy = 26
}
