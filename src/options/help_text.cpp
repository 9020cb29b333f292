// SPDX-License-Identifier: Apache-2.0
// Texts of help, around the table of options.
#include "src/options/help_text.hpp"

#include "src/options/option_table.hpp"
#include "ssmz/ssmz.hpp"

namespace ssmz::cli {

namespace {

constexpr const char* usage =
    "Usage: ssmz [OPTION]... [FILE]...\n"
    "Compresses each FILE to FILE.ssmz, or back. Without files, or for -, standard\n"
    "input goes to standard output. Sources are kept.\n";

constexpr const char* usual_options =
    "\n"
    "  -1 ... -9   from fastest to smallest (default -5)   -d  decompress\n"
    "  -c          write to standard output                -t  test\n"
    "  -o FILE     write to FILE                           -l  list\n"
    "  -f          replace existing files                  -r  go into folders\n"
    "  --rm        remove sources when done                -q  fewer messages\n"
    "  -T N        threads (default: all cores)            -v  more messages\n"
    "  -M SIZE     keep to so much memory                  -H  all options\n"
    "\n"
    "Examples:\n"
    "  ssmz notes.txt                        writes notes.txt.ssmz\n"
    "  ssmz -d notes.txt.ssmz                and back\n"
    "  ssmz -9 --rm --verify *.log           smallest, checked before sources go\n"
    "  tar -I ssmz -cf src.tar.ssmz src      a folder\n"
    "  mysqldump db | ssmz -3 >db.ssmz       a pipe\n";

constexpr const char* footer =
    "\n"
    "Sizes take K, M, G, T (powers of 1024). Options may stand anywhere, also in the\n"
    "environment variable SSMZ_OPT; -- ends them.\n"
    "Exit status: 0 all went well, 1 an error, 2 a warning (-Q: 0).\n"
    "`ssmz join --help`, `ssmz train-prime --help` and `ssmz train-vocab --help` tell\n"
    "of joining archives, and of training primes and vocabularies.\n";

constexpr const char* train_usage =
    "Usage: ssmz train-vocab [--size N] -o FILE [WEIGHT:]TEXT...\n"
    "Trains a vocabulary on texts. WEIGHT: (1 to 255) before a name makes the text\n"
    "count so often; a file whose own name starts like that is given as ./2:name.\n";

constexpr const char* train_prime_usage =
    "Usage: ssmz train-prime [--size SIZE] -o FILE SAMPLE...\n"
    "Chooses, of many small files, what a prime (-D FILE) for files like them should\n"
    "hold: what most of them share.\n";

constexpr const char* join_usage =
    "Usage: ssmz join PART... -o FILE\n"
    "Puts archives together: the frames of all parts in order, and one table of them.\n"
    "The result is what compressing the whole in the same frames gives, byte for\n"
    "byte. With one part the table is made anew.\n";

}  // namespace

std::string short_help() { return std::string(usage) + usual_options; }

std::string long_help() { return usage + help_of(option_table()) + footer; }

std::string layers_help() {
  return "Layers for --ssm, several with | between them; options behind a colon, with\n"
         "commas between them: --ssm=\"mamba3:n32 | swa:w64\"\n\n" +
         ssm_layers();
}

std::string train_help() { return train_usage + help_of(train_option_table()); }

std::string train_prime_help() { return train_prime_usage + help_of(train_prime_option_table()); }

std::string join_help() { return join_usage + help_of(join_option_table()); }

std::string version_line() {
  return std::string("ssmz ") + version_string() + ", frame format " +
         std::to_string(frame_format_version()) + "\n";
}

}  // namespace ssmz::cli
