import Manual
import NodeCore
import NodeRuntime

/// clawnode.json(5): every key that the configuration asks for, as it asks.
enum ConfigurationPage {
    static func page() throws(ConfigurationError) -> ManualPage {
        let keys = try Configuration.reference(Surroundings(variables: [:], isRoot: true))
        return ManualPage(
            "clawnode.json", 5, "configuration of clawnode",
            [
                .init("DESCRIPTION", description),
                .init("KEYS", [.text(introduction), .terms(keys.map(term))]),
                .init("EXAMPLE", [.example(example)]),
                .init(
                    "FILES", [.terms(Place.all.prefix(2).map { .init("`\($0.ofRoot)`, `\($0.ofUser)`", $0.meaning) })]),
                .init("SEE ALSO", [.text("clawnode(1), clawnode-media(8)")]),
            ])
    }

    private static let description: [ManualPage.Block] = [
        .text(
            "A JSON object, in which comments are allowed: `/* … */`, and `//` up to the end of a line. Files in `config.d` beside "
                + "it whose names end with `.json` are read after it, in the order of their names: their objects are merged with "
                + "what there is, and all else takes the place of what there is. An option of `clawnode run` beats the "
                + "environment, and that beats the files."),
        .text(
            "A key that is not known, a value of the wrong kind and a value out of its range are errors, which name the file and the "
                + "key, and end `clawnode run` with 78 before it does anything. `null` is as if the key were not there."
        ),
        .text(
            "`clawnode config check` says whether the configuration is understood, looks into the files that it names, and shows "
                + "each value with where it comes from. Changes count when the daemon is started again."),
    ]

    private static let introduction =
        "A dot stands between a key and the keys of the object that is its value. Defaults are those of root."

    private static func term(_ key: ConfigurationKey) -> ManualPage.Term {
        let option = Run.options.first { $0.key == key.path } ?? Option.common.first { $0.key == key.path }
        var facts = [key.kind.reference + (key.standard.map { "; default `\($0)`" } ?? "")]
        if let option { facts.append("option `\(option.name)`") }
        let path = key.path.split(separator: ".")
            .map { $0.allSatisfy(\.isUppercase) ? "<\($0)>" : "`\($0)`" }.joined(separator: "`.`")
        return ManualPage.Term(path, key.help + " " + facts.joined(separator: "; ").firstLarge + ".")
    }

    /// Understood as it is; held against the program by a test.
    static let example = """
        {
          // instead of a joined one
          "gateway": "wss://gateway.local:18789",
          "tokenFile": "/etc/clawnode/token",
          "displayName": "workshop",
          "capabilities": { "camera": true },
          "camera": {
            "device": "door",
            "aliases": {
              "door": { "device": "usb-046d_HD_Pro_Webcam_C920-video-index0", "position": "back", "rotate": 90 }
            }
          }
        }
        """
}

extension ConfigurationKey.Kind {
    fileprivate var reference: String {
        switch self {
        case .string: "a string"
        case .choice(let choices): "one of " + choices.map { "`\"\($0)\"`" }.joined(separator: ", ")
        default: words
        }
    }
}

extension String {
    fileprivate var firstLarge: String { prefix(1).uppercased() + dropFirst() }
}
