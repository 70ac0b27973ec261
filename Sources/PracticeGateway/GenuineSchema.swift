/// The definitions of the genuine April 2026 gateway (JSON Schema, draft 7) that a node's connection meets.
enum GenuineSchema {
    static let april = #"""
        {
          "ConnectParams": {
            "additionalProperties": false, "type": "object", "required": ["minProtocol", "maxProtocol", "client"],
            "properties": {
              "minProtocol": {"minimum": 1, "type": "integer"}, "maxProtocol": {"minimum": 1, "type": "integer"},
              "client": {
                "additionalProperties": false, "type": "object", "required": ["id", "version", "platform", "mode"],
                "properties": {
                  "id": {
                    "anyOf": [
                      {"const": "webchat-ui", "type": "string"}, {"const": "openclaw-control-ui", "type": "string"},
                      {"const": "openclaw-tui", "type": "string"}, {"const": "webchat", "type": "string"},
                      {"const": "cli", "type": "string"}, {"const": "gateway-client", "type": "string"},
                      {"const": "openclaw-macos", "type": "string"}, {"const": "openclaw-ios", "type": "string"},
                      {"const": "openclaw-android", "type": "string"}, {"const": "node-host", "type": "string"},
                      {"const": "test", "type": "string"}, {"const": "fingerprint", "type": "string"},
                      {"const": "openclaw-probe", "type": "string"}
                    ]
                  },
                  "displayName": {"minLength": 1, "type": "string"}, "version": {"minLength": 1, "type": "string"},
                  "platform": {"minLength": 1, "type": "string"}, "deviceFamily": {"minLength": 1, "type": "string"},
                  "modelIdentifier": {"minLength": 1, "type": "string"},
                  "mode": {
                    "anyOf": [
                      {"const": "webchat", "type": "string"}, {"const": "cli", "type": "string"},
                      {"const": "ui", "type": "string"}, {"const": "backend", "type": "string"},
                      {"const": "node", "type": "string"}, {"const": "probe", "type": "string"},
                      {"const": "test", "type": "string"}
                    ]
                  },
                  "instanceId": {"minLength": 1, "type": "string"}
                }
              },
              "caps": {"default": [], "type": "array", "items": {"minLength": 1, "type": "string"}},
              "commands": {"type": "array", "items": {"minLength": 1, "type": "string"}},
              "permissions": {"type": "object", "patternProperties": {"^(.*)$": {"type": "boolean"}}},
              "pathEnv": {"type": "string"}, "role": {"minLength": 1, "type": "string"},
              "scopes": {"type": "array", "items": {"minLength": 1, "type": "string"}},
              "device": {
                "additionalProperties": false, "type": "object",
                "required": ["id", "publicKey", "signature", "signedAt", "nonce"],
                "properties": {
                  "id": {"minLength": 1, "type": "string"}, "publicKey": {"minLength": 1, "type": "string"},
                  "signature": {"minLength": 1, "type": "string"}, "signedAt": {"minimum": 0, "type": "integer"},
                  "nonce": {"minLength": 1, "type": "string"}
                }
              },
              "auth": {
                "additionalProperties": false, "type": "object",
                "properties": {
                  "token": {"type": "string"}, "bootstrapToken": {"type": "string"}, "deviceToken": {"type": "string"},
                  "password": {"type": "string"}
                }
              },
              "locale": {"type": "string"}, "userAgent": {"type": "string"}
            }
          },
          "RequestFrame": {
            "additionalProperties": false, "type": "object", "required": ["type", "id", "method"],
            "properties": {
              "type": {"const": "req", "type": "string"}, "id": {"minLength": 1, "type": "string"},
              "method": {"minLength": 1, "type": "string"}, "params": {}
            }
          },
          "ResponseFrame": {
            "additionalProperties": false, "type": "object", "required": ["type", "id", "ok"],
            "properties": {
              "type": {"const": "res", "type": "string"}, "id": {"minLength": 1, "type": "string"},
              "ok": {"type": "boolean"}, "payload": {},
              "error": {
                "additionalProperties": false, "type": "object", "required": ["code", "message"],
                "properties": {
                  "code": {"minLength": 1, "type": "string"}, "message": {"minLength": 1, "type": "string"},
                  "details": {}, "retryable": {"type": "boolean"}, "retryAfterMs": {"minimum": 0, "type": "integer"}
                }
              }
            }
          },
          "EventFrame": {
            "additionalProperties": false, "type": "object", "required": ["type", "event"],
            "properties": {
              "type": {"const": "event", "type": "string"}, "event": {"minLength": 1, "type": "string"}, "payload": {},
              "seq": {"minimum": 0, "type": "integer"},
              "stateVersion": {
                "additionalProperties": false, "type": "object", "required": ["presence", "health"],
                "properties": {
                  "presence": {"minimum": 0, "type": "integer"}, "health": {"minimum": 0, "type": "integer"}
                }
              }
            }
          },
          "HelloOk": {
            "additionalProperties": false, "type": "object",
            "required": ["type", "protocol", "server", "features", "snapshot", "policy"],
            "properties": {
              "type": {"const": "hello-ok", "type": "string"}, "protocol": {"minimum": 1, "type": "integer"},
              "server": {
                "additionalProperties": false, "type": "object", "required": ["version", "connId"],
                "properties": {
                  "version": {"minLength": 1, "type": "string"}, "connId": {"minLength": 1, "type": "string"}
                }
              },
              "features": {
                "additionalProperties": false, "type": "object", "required": ["methods", "events"],
                "properties": {
                  "methods": {"type": "array", "items": {"minLength": 1, "type": "string"}},
                  "events": {"type": "array", "items": {"minLength": 1, "type": "string"}}
                }
              },
              "snapshot": {
                "additionalProperties": false, "type": "object",
                "required": ["presence", "health", "stateVersion", "uptimeMs"],
                "properties": {
                  "presence": {
                    "type": "array",
                    "items": {
                      "additionalProperties": false, "type": "object", "required": ["ts"],
                      "properties": {
                        "host": {"minLength": 1, "type": "string"}, "ip": {"minLength": 1, "type": "string"},
                        "version": {"minLength": 1, "type": "string"}, "platform": {"minLength": 1, "type": "string"},
                        "deviceFamily": {"minLength": 1, "type": "string"},
                        "modelIdentifier": {"minLength": 1, "type": "string"},
                        "mode": {"minLength": 1, "type": "string"},
                        "lastInputSeconds": {"minimum": 0, "type": "integer"},
                        "reason": {"minLength": 1, "type": "string"},
                        "tags": {"type": "array", "items": {"minLength": 1, "type": "string"}},
                        "text": {"type": "string"}, "ts": {"minimum": 0, "type": "integer"},
                        "deviceId": {"minLength": 1, "type": "string"},
                        "roles": {"type": "array", "items": {"minLength": 1, "type": "string"}},
                        "scopes": {"type": "array", "items": {"minLength": 1, "type": "string"}},
                        "instanceId": {"minLength": 1, "type": "string"}
                      }
                    }
                  },
                  "health": {},
                  "stateVersion": {
                    "additionalProperties": false, "type": "object", "required": ["presence", "health"],
                    "properties": {
                      "presence": {"minimum": 0, "type": "integer"}, "health": {"minimum": 0, "type": "integer"}
                    }
                  },
                  "uptimeMs": {"minimum": 0, "type": "integer"}, "configPath": {"minLength": 1, "type": "string"},
                  "stateDir": {"minLength": 1, "type": "string"},
                  "sessionDefaults": {
                    "additionalProperties": false, "type": "object",
                    "required": ["defaultAgentId", "mainKey", "mainSessionKey"],
                    "properties": {
                      "defaultAgentId": {"minLength": 1, "type": "string"},
                      "mainKey": {"minLength": 1, "type": "string"},
                      "mainSessionKey": {"minLength": 1, "type": "string"}, "scope": {"minLength": 1, "type": "string"}
                    }
                  },
                  "authMode": {
                    "anyOf": [
                      {"const": "none", "type": "string"}, {"const": "token", "type": "string"},
                      {"const": "password", "type": "string"}, {"const": "trusted-proxy", "type": "string"}
                    ]
                  },
                  "updateAvailable": {
                    "type": "object", "required": ["currentVersion", "latestVersion", "channel"],
                    "properties": {
                      "currentVersion": {"minLength": 1, "type": "string"},
                      "latestVersion": {"minLength": 1, "type": "string"}, "channel": {"minLength": 1, "type": "string"}
                    }
                  }
                }
              },
              "canvasHostUrl": {"minLength": 1, "type": "string"},
              "auth": {
                "additionalProperties": false, "type": "object", "required": ["deviceToken", "role", "scopes"],
                "properties": {
                  "deviceToken": {"minLength": 1, "type": "string"}, "role": {"minLength": 1, "type": "string"},
                  "scopes": {"type": "array", "items": {"minLength": 1, "type": "string"}},
                  "issuedAtMs": {"minimum": 0, "type": "integer"},
                  "deviceTokens": {
                    "type": "array",
                    "items": {
                      "additionalProperties": false, "type": "object",
                      "required": ["deviceToken", "role", "scopes", "issuedAtMs"],
                      "properties": {
                        "deviceToken": {"minLength": 1, "type": "string"}, "role": {"minLength": 1, "type": "string"},
                        "scopes": {"type": "array", "items": {"minLength": 1, "type": "string"}},
                        "issuedAtMs": {"minimum": 0, "type": "integer"}
                      }
                    }
                  }
                }
              },
              "policy": {
                "additionalProperties": false, "type": "object",
                "required": ["maxPayload", "maxBufferedBytes", "tickIntervalMs"],
                "properties": {
                  "maxPayload": {"minimum": 1, "type": "integer"},
                  "maxBufferedBytes": {"minimum": 1, "type": "integer"},
                  "tickIntervalMs": {"minimum": 1, "type": "integer"}
                }
              }
            }
          },
          "TickEvent": {
            "additionalProperties": false, "type": "object", "required": ["ts"],
            "properties": {"ts": {"minimum": 0, "type": "integer"}}
          },
          "ShutdownEvent": {
            "additionalProperties": false, "type": "object", "required": ["reason"],
            "properties": {
              "reason": {"minLength": 1, "type": "string"}, "restartExpectedMs": {"minimum": 0, "type": "integer"}
            }
          },
          "NodeInvokeRequestEvent": {
            "additionalProperties": false, "type": "object", "required": ["id", "nodeId", "command"],
            "properties": {
              "id": {"minLength": 1, "type": "string"}, "nodeId": {"minLength": 1, "type": "string"},
              "command": {"minLength": 1, "type": "string"}, "paramsJSON": {"type": "string"},
              "timeoutMs": {"minimum": 0, "type": "integer"}, "idempotencyKey": {"minLength": 1, "type": "string"}
            }
          },
          "NodeInvokeResultParams": {
            "additionalProperties": false, "type": "object", "required": ["id", "nodeId", "ok"],
            "properties": {
              "id": {"minLength": 1, "type": "string"}, "nodeId": {"minLength": 1, "type": "string"},
              "ok": {"type": "boolean"}, "payload": {}, "payloadJSON": {"type": "string"},
              "error": {
                "additionalProperties": false, "type": "object",
                "properties": {
                  "code": {"minLength": 1, "type": "string"}, "message": {"minLength": 1, "type": "string"}
                }
              }
            }
          },
          "NodeEventParams": {
            "additionalProperties": false, "type": "object", "required": ["event"],
            "properties": {
              "event": {"minLength": 1, "type": "string"}, "payload": {}, "payloadJSON": {"type": "string"}
            }
          },
          "NodePendingDrainParams": {
            "additionalProperties": false, "type": "object",
            "properties": {"maxItems": {"minimum": 1, "maximum": 10, "type": "integer"}}
          }
        }
        """#
}
