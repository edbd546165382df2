#include "store/statement.hpp"

#include <Poco/Data/AbstractBinder.h>
#include <Poco/Data/AbstractBinding.h>
#include <Poco/Data/AbstractExtraction.h>
#include <Poco/Data/SQLite/SQLiteStatementImpl.h>
#include <Poco/Data/SQLite/Utility.h>

#include "base/error.hpp"

namespace vx11::store {

// All parameters of a statement as one binding.
class KeptStatement::Parameters final : public Poco::Data::AbstractBinding {
 public:
  void set(std::initializer_list<Value> values) { values_ = values; }

  size_t numOfColumnsHandled() const override { return values_.size(); }
  size_t numOfRowsHandled() const override { return 1; }
  // Always: it makes SQLiteStatementImpl come back to this binding at the next run.
  bool canBind() const override { return true; }
  void reset() override {}

  void bind(size_t position) override {
    BinderPtr binder = getBinder();
    for (const Value& value : values_) {
      std::visit([&](const auto& held) { bindOne(*binder, position, held); }, value.held());
      ++position;
    }
  }

 private:
  template <class T>
  static void bindOne(Poco::Data::AbstractBinder& binder, size_t position, const T& held) {
    if constexpr (std::is_same_v<T, std::monostate>) {
      binder.bind(position, Poco::Data::NullData());
    } else if constexpr (std::is_same_v<T, int64_t>) {
      binder.bind(position, static_cast<Poco::Int64>(held));
    } else if constexpr (std::is_same_v<T, const std::string*>) {
      binder.bind(position, *held);
    } else {
      binder.bind(position, held);
    }
  }

  std::initializer_list<Value> values_;  // borrowed for one run
};

// All columns of a row as one extraction, handed to a function.
class KeptStatement::Rows final : public Poco::Data::AbstractExtraction {
 public:
  void set(const OnRow* on_row) { on_row_ = on_row; }

  size_t numOfColumnsHandled() const override { return 1; }
  size_t numOfRowsHandled() const override { return 0; }
  size_t numOfRowsAllowed() const override { return getLimit(); }
  size_t extract(size_t) override {
    Row row(*getExtractor());
    if (*on_row_) (*on_row_)(row);
    return 1;
  }
  Poco::Data::AbstractPreparation::Ptr createPreparation(PreparatorPtr&, size_t) override { return nullptr; }

 private:
  const OnRow* on_row_ = nullptr;
};

class KeptStatement::Compiled final : public Poco::Data::SQLite::SQLiteStatementImpl {
 public:
  explicit Compiled(Poco::Data::Session& session)
      : SQLiteStatementImpl(*session.impl(), Poco::Data::SQLite::Utility::dbHandle(session)) {}

 protected:
  void compileImpl() override {
    if (compiled_) return;
    SQLiteStatementImpl::compileImpl();
    // Poco would come back to compile what stands behind a semicolon, for ever.
    if (canCompile()) throw Poco::InvalidArgumentException("one SQL statement at a time");
    compiled_ = true;
  }
  // One set of values a run.
  bool canBind() const override { return false; }

 private:
  bool compiled_ = false;
};

KeptStatement::KeptStatement(Poco::Data::Session& session, const std::string& sql)
    : parameters_(new Parameters),
      rows_(new Rows),
      statement_(Poco::Data::StatementImpl::Ptr(new Compiled(session))) {
  Poco::Data::AbstractBinding::Ptr parameters(parameters_);
  Poco::Data::AbstractExtraction::Ptr rows(rows_);
  statement_ << sql;
  statement_.addBind(parameters);
  statement_.addExtract(rows);
}

void KeptStatement::run(std::initializer_list<Value> values, const OnRow& on_row) {
  parameters_->set(values);
  rows_->set(&on_row);
  statement_.execute();
}

}  // namespace vx11::store
