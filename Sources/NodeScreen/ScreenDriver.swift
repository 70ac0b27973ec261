import NodeMedia

/// One way to see what this machine shows.
package protocol ScreenDriver: Sendable {
    /// The session that is there now; nil where this way leads nowhere, and the next one is to be taken.
    func session() async throws(ScreenError) -> (any ScreenSession)?
}

/// Somebody's desktop, or the machine's console. What it holds open ends with its last reference.
package protocol ScreenSession: Sendable {
    /// The screens there are now, in any order.
    func outputs() async throws(ScreenError) -> [ScreenOutput]

    /// One of them.
    func open(_ output: ScreenOutput) async throws(ScreenError) -> any Screen
}

/// One screen that is looked at, by one asker at a time. No call waits without a limit for whoever shows it, which may hang; cancelling
/// ends a wait at once.
///
/// Pictures are as people see them, turned and scaled like the screen is, with the pointer: of the output's size, `PixelFormat.bgrx` in
/// rows without gaps, and stamped with when they were read. After a change of its size there are none: `ScreenError.changed`.
/// Of a wait that is withdrawn a picture may be lost: what comes next is then to be `picture()`.
package protocol Screen: Sendable {
    /// What it shows now.
    func picture() async throws(ScreenError) -> Image

    /// What it shows once that is something else than the last picture had; waits as long as nothing changes. What a driver is not told
    /// of, it looks for as often as `interval` says.
    func change(lookingEvery interval: Duration) async throws(ScreenError) -> Image
}
