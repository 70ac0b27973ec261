// libpng, which is loaded when a PNG is wanted and not with the program. Of it only what tells errors by a result: Swift has nothing
// that could be jumped out of.
#ifndef CLAWNODE_CPNG_H
#define CLAWNODE_CPNG_H

#include <dlfcn.h>
#include <png.h>
#include <string.h>

typedef __typeof__(png_image_write_to_memory) *CN_PNG_write;

// NULL where the library is not there. It stays.
static inline CN_PNG_write CN_PNG_load(void) {
    void *library = dlopen("libpng16.so.16", RTLD_NOW | RTLD_LOCAL);
    return library ? (CN_PNG_write)dlsym(library, "png_image_write_to_memory") : 0;
}

// Rows of three bytes a pixel, blue, green and red, without gaps, into `memory` of `size` bytes, which becomes what was written. Zero
// when that failed; `reason` has room for 64 characters.
static inline int CN_PNG_encode(
    CN_PNG_write write, const void *pixels, unsigned width, unsigned height, void *memory, size_t *size, char *reason) {
    png_image image;
    memset(&image, 0, sizeof image);
    image.version = PNG_IMAGE_VERSION;
    image.width = width;
    image.height = height;
    image.format = PNG_FORMAT_BGR;
    png_alloc_size_t length = *size;
    int result = write(&image, memory, &length, 0, pixels, 0, NULL);
    *size = length;
    memcpy(reason, image.message, 64);
    reason[63] = 0;
    return result;
}

// What no PNG of that size is larger than.
static inline size_t CN_PNG_most(unsigned width, unsigned height) {
    png_image image;
    memset(&image, 0, sizeof image);
    image.width = width;
    image.height = height;
    image.format = PNG_FORMAT_BGR;
    return PNG_IMAGE_PNG_SIZE_MAX(image);
}

#endif
