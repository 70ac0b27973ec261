import NodeTesting
import PracticeGateway
import Testing

@testable import NodeCore

@Suite struct LogLineTests {
    let line = LogLine(
        level: .warning, message: "Waiting\nfor it", id: .deviceApproval,
        fields: [("run", "openclaw devices \"list\""), ("lost-bytes", "12"), ("cause", "two\nlines"), ("none", "")])

    @Test("people get one line, with quotes around what would not stay one word") func text() {
        #expect(
            line.text
                == "Waiting for it run=\"openclaw devices \\\"list\\\"\" lost-bytes=12 cause=\"two\\nlines\" none=\"\"")
    }

    @Test("programs get one object in one line, and know a catalogued message by its id") func json() throws {
        let text = line.json(at: "2026-11-21T09:30:00.123Z")
        #expect(!text.contains("\n"))
        #expect(text.hasPrefix("{\"time\":\"2026-11-21T09:30:00.123Z\",\"level\":\"warning\",\"message\":"))
        let object = try JSONReader.read(Array(text.utf8))
        #expect(object["message"]?.string == "Waiting\nfor it" && object["cause"]?.string == "two\nlines")
        #expect(object["messageId"]?.string == MessageID.deviceApproval.rawValue)
        let plain = LogLine(level: .info, message: "m", id: nil, fields: [])
        #expect(plain.json(at: "t") == "{\"time\":\"t\",\"level\":\"info\",\"message\":\"m\"}")
    }

    @Test("the journal gets every field under a name it takes, and the line that people would get") func journal()
        throws
    {
        let fields = try JournalEntry(line.journalEntry(of: "clawnode")).fields
        #expect(
            fields == [
                "MESSAGE": line.text, "PRIORITY": "4", "SYSLOG_IDENTIFIER": "clawnode",
                "MESSAGE_ID": MessageID.deviceApproval.rawValue, "CLAWNODE_RUN": "openclaw devices \"list\"",
                "CLAWNODE_LOST_BYTES": "12", "CLAWNODE_CAUSE": "two\nlines", "CLAWNODE_NONE": "",
            ])
    }

    @Test(
        "what others sent cannot move the cursor of who reads it",
        arguments: ["\u{1B}[2J", "x\u{9B}2J", "x\u{7F}", "\u{2028}"])
    func control(text: String) {
        let line = LogLine(level: .error, message: text, id: nil, fields: [("cause", text)])
        #expect(!line.text.unicodeScalars.contains { $0.properties.generalCategory == .control })
        #expect(line.text.split(whereSeparator: \.isNewline).count == 1)
    }

    @Test("a value cannot pass for a field of its own") func injection() throws {
        let forged = "x\nMESSAGE_ID=0\nPRIORITY=0"
        let line = LogLine(level: .error, message: forged, id: nil, fields: [("cause", forged)])
        let fields = try JournalEntry(line.journalEntry(of: "clawnode")).fields
        #expect(fields["PRIORITY"] == "3" && fields["MESSAGE_ID"] == nil && fields["CLAWNODE_CAUSE"] == forged)
        #expect(line.text.split(whereSeparator: \.isNewline).count == 1)
    }

    @Test("a name is as long as the journal takes it") func longName() throws {
        let line = LogLine(level: .info, message: "m", id: nil, fields: [(String(repeating: "n", count: 100), "v")])
        let names = try JournalEntry(line.journalEntry(of: "clawnode")).fields.keys
        #expect(names.map(\.count).max() == 64)
    }
}
