// libjpeg-turbo through its TurboJPEG interface, the functions that versions 2.1 and 3 share.
#ifndef CLAWNODE_CTURBOJPEG_H
#define CLAWNODE_CTURBOJPEG_H

#include <turbojpeg.h>

#endif
