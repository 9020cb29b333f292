// SPDX-License-Identifier: Apache-2.0
// Trains layers on synthetic streams and prints which abilities they learn: ssmz-abilities [chunks] [layer
// ...]. Each layer stands twice in a residual stack of width 32. Cells: per cent of right answers, "+" from
// 90, "-" below half way between chance and 90, and "!" where that is not what ../shared/LAYERS.md leads to
// expect.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "model/zoo/ability_tasks.hpp"

namespace {

using ssmz::model::AbilityTask;

/// A layer, and the tasks' expectations in order: '+' learned, '-' not learned, '.' nothing is said.
struct Subject {
  std::string layer;
  std::string expected;
};

// recall 4, recall 8, rebind, select, delay 8, delay 64, parity, modulo 3, gap 1000
const std::vector<Subject> kSubjects = {
    {"s4d:n16", "---.+.---"},
    {"s5:n32", "---.+.---"},
    {"s6:n16", "+..++.--."},
    {"s6:n16,polar", "+..++.--+"},
    {"s6:n16,mimetic", "+..++.--."},
    {"ssd:h2,p32,n32", "++-++.--."},
    {"gdn:h2,dk16,dv32", "+++++.--."},
    {"gdn:h2,dk16,dv32,neg,ladder=4/8192", "+++++.+.."},
    {"mamba3:h2,p16,n16,q8,softplus", "+.-++.++."},
    {"mamba3:h2,p16,n16,q8,r2,softplus", "+.-++.++."},
    {"swa:h2,w32", "+++++-.--"},
    {"swa:h2,w80", "++++++..-"},
    {"gka:h2,dk16", "+++++.--."},
    {"bmojo:h2,w16,m16,n8", "++.++.--+"},
    {"hymba:e32,h2,w32,m4,n8", "++.++.--."},
    {"mom:h2,dk16,dv16,m2", "+++++.--."},
    {"h3:n16", "---.+.---"},
    {"gss:n16", "---.+.---"},
    {"moe", "---------"},
    {"taipan:h2,m32", "........."},
    {"seqboat:h2,m32", "........."},
    {"hax:h2,m32", "++......."},
    {"bst:h2,w16", "........."},
    {"s6:n16 | pool:m16,s16,share | s6:n16 | pool:m16,s16,cross", "+..++.--+"},
};

char mark(float accuracy, float chance) {
  if (accuracy >= 0.9f) return '+';
  return accuracy < (chance + 0.9f) / 2.0f ? '-' : ' ';
}

void print_head() {
  std::printf("| %-34s |", "layer");
  for (const AbilityTask& task : ssmz::model::ability_tasks())
    std::printf(" %s %zu |", task.name, task.number);
  std::printf("\n|---|");
  for (std::size_t i = 0; i < ssmz::model::ability_tasks().size(); ++i) std::printf("--:|");
  std::printf("\n");
}

/// Layers stand twice; what names several is a stack already.
std::string stack_of(const std::string& layer) {
  return layer.find('|') == std::string::npos ? layer + " | " + layer : layer;
}

void print_row(const Subject& subject, const ssmz::model::AbilityLimits& limits) {
  std::string name = subject.layer;
  for (std::size_t at = 0; (at = name.find('|', at)) != std::string::npos; at += 2) name.insert(at, 1, '\\');
  std::printf("| %-34s |", name.c_str());
  const auto& tasks = ssmz::model::ability_tasks();
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    const auto score = measure_ability(stack_of(subject.layer), tasks[i], limits);
    if (!score.ok()) {
      std::printf(" %s\n", score.failure().message.c_str());
      return;
    }
    const char found = mark(score.value().accuracy, tasks[i].chance);
    const char expected = i < subject.expected.size() ? subject.expected[i] : '.';
    const bool other = expected != '.' && expected != found;
    std::printf(" %.0f%c%s |", static_cast<double>(100.0f * score.value().accuracy), found, other ? "!" : "");
    std::fflush(stdout);
  }
  std::printf("\n");
}

}  // namespace

int main(int argc, char** argv) {
  ssmz::model::AbilityLimits limits;
  if (argc > 1) limits.chunks = std::strtoul(argv[1], nullptr, 10);
  if (limits.chunks == 0) {
    std::fprintf(stderr, "usage: ssmz-abilities [chunks] [layer ...]\n");
    return 1;
  }
  print_head();
  for (const Subject& subject : kSubjects) {
    bool wanted = argc <= 2;
    for (int i = 2; i < argc; ++i) wanted = wanted || subject.layer == argv[i];
    if (wanted) print_row(subject, limits);
  }
  for (int i = 2; i < argc; ++i) {
    bool known = false;
    for (const Subject& subject : kSubjects) known = known || subject.layer == argv[i];
    if (!known) print_row({argv[i], ""}, limits);
  }
  return 0;
}
