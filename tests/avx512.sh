#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Runs the kernels' tests on an emulated processor with AVX-512, for machines that have none.
#
#   tests/avx512.sh [BUILD-DIRECTORY [GTEST-FILTER]]
#
# Debian's Bochs has a Skylake-X, qemu has none. It boots Debian's small kernel from a CD-ROM whose initial RAM disk holds the
# tests and their libraries; the tests are the first process, so the kernel's panic at their end says how they went.
# Two minutes of one core, most of it the kernel's start.
set -u -o pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/tests/packages.sh"
build=${1:-$root/build/release}
filter=${2:-ModelKernels*:ModelQuantised.AllPaths*}
tests=$build/ssmz-tests
[ -x "$tests" ] || { echo "no program at $tests: build it first" >&2; exit 2; }
install_packages bochs bochs-term bochsbios vgabios isolinux syslinux-common genisoimage cpio || exit 1

work=$(mktemp -d)
emulator=
trap '[ -z "$emulator" ] || kill "$emulator" 2>/dev/null; rm -rf "$work"' EXIT
cd "$work" || exit 1
mkdir -p disk/bin cd/isolinux kernel

image=$(apt-cache depends linux-image-cloud-amd64 | sed -n 's/^ *Depends: \(linux-image-.*\)/\1/p' | head -1)
apt-get download -qq "$image" >/dev/null 2>&1 && dpkg -x "$image"_*.deb kernel || { echo "no kernel to be had" >&2; exit 1; }
cp kernel/boot/vmlinuz-* cd/vmlinuz

cp "$tests" disk/bin/tests && strip disk/bin/tests
for library in $(ldd "$tests" | grep -oE '/[^ ]+'); do
  mkdir -p "disk/$(dirname "$library")" && cp -L "$library" "disk/$library"
done
(cd disk && find . | cpio -o -H newc --quiet) >cd/disk
cp /usr/lib/ISOLINUX/isolinux.bin /usr/lib/syslinux/modules/bios/ldlinux.c32 cd/isolinux/
# Bochs 2.7 says a wrong size of the compact form of XSAVE, which the kernel checks: it shall use the plain one. The name
# and value go to the first process' environment.
cat >cd/isolinux/isolinux.cfg <<EOF
DEFAULT tests
LABEL tests
 KERNEL /vmlinuz
 INITRD /disk
 APPEND console=ttyS0 quiet mitigations=off nokaslr clearcpuid=xsavec,xsaves noxsaves panic=0 rdinit=/bin/tests SSMZ_CPU_PATH=avx512 -- --gtest_color=no --gtest_filter=$filter
EOF
genisoimage -quiet -o cd.iso -b isolinux/isolinux.bin -c isolinux/boot.cat -no-emul-boot -boot-load-size 4 \
  -boot-info-table -J -R cd || exit 1
cat >bochsrc <<EOF
display_library: rfb, options="timeout=0"
cpu: model=corei7_skylake_x, count=1, ips=100000000, reset_on_triple_fault=0, ignore_bad_msrs=1
memory: guest=256, host=256
romimage: file=/usr/share/bochs/BIOS-bochs-latest, options=fastboot
vgaromimage: file=/usr/share/vgabios/vgabios.bin
pci: enabled=1, chipset=i440fx
ata0: enabled=1, ioaddr1=0x1f0, ioaddr2=0x3f0, irq=14
ata0-master: type=cdrom, path=cd.iso, status=inserted
boot: cdrom
log: bochs.log
panic: action=fatal
error: action=ignore
info: action=ignore
com1: enabled=1, mode=file, dev=serial
clock: sync=none
EOF
echo continue >commands
/usr/bin/bochs-bin -q -f bochsrc -rc commands >screen 2>&1 </dev/null &
emulator=$!
while kill -0 "$emulator" 2>/dev/null && ! grep -q "end Kernel panic" serial 2>/dev/null; do sleep 5; done
# The kernel's own lines overtake the tests' last ones, which may be missing.
tr -d '\r' <serial | grep -v '^\[ *[0-9]*\.[0-9]*\]'
if tr -d '\r' <serial | grep 'Attempted to kill init! exitcode=0x00000000' >/dev/null && grep -q '^\[=*\] Running [1-9]' serial; then
  echo "AVX-512, emulated: all passed"
else
  echo "AVX-512, emulated: FAILED"
  exit 1
fi
