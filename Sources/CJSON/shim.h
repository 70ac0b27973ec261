// json-c reads comments and tells where a text stops being JSON, which Swift's own decoder does not.
#ifndef CLAWNODE_CJSON_H
#define CLAWNODE_CJSON_H

#include <json-c/json.h>

// A macro that walks a structure; the callback gets every member in the order of the file.
static inline void cn_each_member(struct json_object *object, void *context,
                                  void (*body)(void *context, const char *key, struct json_object *value)) {
    json_object_object_foreach(object, key, value) body(context, key, value);
}

#endif
