// ALSA's library, which is loaded when sound is wanted and not with the program: it costs a start and an idle process nothing, and
// a machine without sound need not have it.
#ifndef CLAWNODE_CALSA_H
#define CLAWNODE_CALSA_H

#include <alsa/asoundlib.h>
#include <dlfcn.h>

#define CN_ALSA_FUNCTIONS(each)                                                                                        \
    each(snd_strerror) each(snd_lib_error_set_handler) each(snd_config_update_free_global)                             \
    each(snd_device_name_hint) each(snd_device_name_get_hint) each(snd_device_name_free_hint)                          \
    each(snd_pcm_open) each(snd_pcm_close) each(snd_pcm_start) each(snd_pcm_prepare) each(snd_pcm_resume)              \
    each(snd_pcm_readi) each(snd_pcm_delay) each(snd_pcm_poll_descriptors)                                             \
    each(snd_pcm_hw_params_malloc) each(snd_pcm_hw_params_free) each(snd_pcm_hw_params_any) each(snd_pcm_hw_params)    \
    each(snd_pcm_hw_params_set_rate_resample) each(snd_pcm_hw_params_set_access) each(snd_pcm_hw_params_set_format)    \
    each(snd_pcm_hw_params_set_channels_near) each(snd_pcm_hw_params_set_rate_near)                                    \
    each(snd_pcm_hw_params_set_period_time_near) each(snd_pcm_hw_params_set_buffer_time_near)                          \
    each(snd_pcm_hw_params_get_rate) each(snd_pcm_hw_params_get_channels)                                              \
    each(snd_pcm_hw_params_get_period_size)

struct CN_ALSA {
#define CN_MEMBER(name) __typeof__(name) *name;
    CN_ALSA_FUNCTIONS(CN_MEMBER)
#undef CN_MEMBER
};

// What the library says of each configuration file and device that it does not like, it also returns.
static inline void CN_ALSA_say_nothing(
    const char *file, int line, const char *function, int error, const char *format, ...) {
    (void)file, (void)line, (void)function, (void)error, (void)format;
}

// What is missing, or NULL. The library stays.
static inline const char *CN_ALSA_load(struct CN_ALSA *alsa) {
    void *library = dlopen("libasound.so.2", RTLD_NOW | RTLD_LOCAL);
    if (!library) return "libasound.so.2";
#define CN_FIND(name)                                                                                                  \
    alsa->name = (__typeof__(name) *)dlsym(library, #name);                                                            \
    if (!alsa->name) return #name;
    CN_ALSA_FUNCTIONS(CN_FIND)
#undef CN_FIND
    alsa->snd_lib_error_set_handler(CN_ALSA_say_nothing);
    return 0;
}

#endif
