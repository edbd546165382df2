#include "tasks/queue.hpp"

#include "catch.hpp"

using namespace vx11;
using namespace vx11::tasks;

namespace {

TaskPtr taskOf(const std::string& name, int priority = 1, const std::string& type = "shell") {
  const auto task = std::make_shared<Task>();
  task->row.name = name;
  task->row.priority = priority;
  task->row.task_type = type;
  task->queue_deadline = MonoTime::max();
  return task;
}

// The names of all in the order in which they start, each of which takes a slot.
std::string order(Queue& queue, Slots& slots) {
  std::string names;
  while (const auto task = queue.next(slots)) {
    queue.remove(task);
    slots.take(task->row.task_type);
    names += task->row.name;
  }
  return names;
}

}  // namespace

TEST_CASE("queue of tasks: by priority, and among equals in order of acceptance, whatever the type") {
  Queue queue;
  Slots slots(100, {});
  for (const auto& task : {taskOf("a", 2), taskOf("b", 1), taskOf("c", 1, "python"), taskOf("d", 0, "python"),
                           taskOf("e", 1), taskOf("f", 0), taskOf("g", 2, "bash")})
    queue.push(task);
  CHECK(queue.size() == 7);
  CHECK(order(queue, slots) == "dfbceag");
  CHECK(queue.empty());
  CHECK(slots.used() == 7);
}

TEST_CASE("queue of tasks: a type without room is passed over, and comes in its turn again") {
  Queue queue;
  Slots slots(4, {{"python", 1}});
  for (const auto& task : {taskOf("a", 1, "python"), taskOf("b", 0, "python"), taskOf("c"), taskOf("d", 2),
                           taskOf("e", 2, "python")})
    queue.push(task);
  CHECK(order(queue, slots) == "bcd");
  CHECK(slots.hasRoom());
  CHECK_FALSE(slots.hasRoomFor("python"));
  CHECK(slots.limitOf("python") == 1);
  CHECK(slots.limitOf("shell") == 4);
  slots.giveBack("python");
  CHECK(order(queue, slots) == "a");
  slots.giveBack("python");
  CHECK(order(queue, slots) == "e");
  CHECK_FALSE(slots.hasRoomFor("python"));
  CHECK_FALSE(Slots(4, {{"python", 9}}).limitOf("python") == 9);
}

TEST_CASE(
    "queue of tasks: where all slots are taken nobody is next, also where more are taken than there are") {
  Queue queue;
  queue.push(taskOf("a"));
  Slots slots(1, {});
  slots.take("shell");
  slots.take("shell");
  CHECK(queue.next(slots) == nullptr);
  slots.giveBack("shell");
  CHECK(queue.next(slots) == nullptr);
  slots.giveBack("shell");
  CHECK(queue.next(slots)->row.name == "a");
}

TEST_CASE("queue of tasks: what is put back comes first again, in its own turn") {
  Queue queue;
  Slots slots(100, {});
  const auto first = taskOf("a");
  queue.push(first);
  queue.push(taskOf("b", 1, "python"));
  queue.push(taskOf("c"));
  CHECK(queue.remove(first));
  CHECK_FALSE(queue.remove(first));
  queue.push(taskOf("d", 0));
  queue.putBack(first);
  CHECK(queue.size() == 4);
  CHECK(order(queue, slots) == "dabc");
}

TEST_CASE("queue of tasks: what waited too long is taken out, of any priority and type") {
  Queue queue;
  const auto now = monoNow();
  CHECK(queue.firstDeadline() == MonoTime::max());
  int seconds = 0;
  for (const auto& task : {taskOf("a", 2), taskOf("b", 0, "python"), taskOf("c"), taskOf("d")}) {
    task->queue_deadline = now + std::chrono::seconds(++seconds);
    queue.push(task);
  }
  CHECK(queue.firstDeadline() == now + std::chrono::seconds(1));
  CHECK(queue.takeExpired(now).empty());
  std::string names;
  for (const auto& task : queue.takeExpired(now + std::chrono::seconds(3))) names += task->row.name;
  CHECK(names == "bca");
  CHECK(queue.size() == 1);
  CHECK(queue.takeAll().size() == 1);
  CHECK(queue.empty());
  CHECK(queue.takeAll().empty());
}
