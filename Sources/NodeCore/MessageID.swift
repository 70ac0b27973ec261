/// The messages that somebody has to act upon, by the ids under which `systemd/clawnode.catalog` explains them
/// (`journalctl -x`). An id stays what it is, whatever becomes of the words.
package enum MessageID: String, CaseIterable, Sendable {
    case cannotStart = "39d42ebfa5744e75816eb35b5e6ac001"
    case notJoined = "8c891aa832024551bd268e53c8b08f21"
    case gatewayUnknown = "d66cfd209bd044908bbb1cd01c1c87fb"
    case gatewayUnreachable = "3097247e6c484d549af9586c9dc5fe13"
    case gatewayScheme = "5286c5ffa255415f89ffe38da83ff1e1"
    case certificate = "b604697cc63946f5b31b5f1828ef7733"
    case credentials = "27481ff3125b4f67a7fcd944c13f3060"
    case deviceRefused = "d79d012305b6459fadc6389fac782df1"
    case protocolMismatch = "30183310b17046b4a7a375b234852594"
    case gatewayRefused = "c362e1b034e7409f88f7b5dd7478b3db"
    case deviceApproval = "3ce66f75d3204319962956ec85e268b1"
    case surfaceApproval = "0f646325469f4d40ab903a4cd77a2981"
    case identityLost = "4394c3de2c4948b388805cd0d01393c0"
    case stateUnsaved = "1a2a3be44f2841a493db860ad8ef5945"
    case statusUnwritten = "9dc211036f0348d494710638b14e48aa"
    case workerLost = "0c6c699745cf4d729c62abab73987c2e"
    case workStuck = "56c3a05231d74d559113f7fd69061f19"
    case cameraUnusable = "a753a4e6411140f0818347c8b0bc7f48"
    case linkHangs = "74bdaf7c5bd14a4ea45a397395dd44c6"
    /// A gateway's words, which nobody could be shown otherwise.
    case notification = "b5b5a8d5b7a34e1c9d6a6e1f0a4c7d52"
    case commandFailed = "9bc3c699a6774161b80b7fad719bbf9b"
}
