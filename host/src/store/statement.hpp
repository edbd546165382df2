// A prepared statement that is kept and run again with other values.
//
// Poco 1.11 prepares a Statement anew for each execute(), even where it is kept (StatementImpl::compile after
// reset); that costs more than running it. So the statement is compiled once here, and its values and rows
// pass through one binding and one extraction instead of one object a column.
#pragma once

#include <functional>
#include <initializer_list>
#include <string>

#include <Poco/Data/Session.h>
#include <Poco/Data/Statement.h>

#include "store/row.hpp"
#include "store/value.hpp"

namespace vx11::store {

using OnRow = std::function<void(Row&)>;

// Belongs to its session, and is used by one thread at a time.
class KeptStatement {
 public:
  KeptStatement(Poco::Data::Session& session, const std::string& sql);

  // Binds the values from left to right, as many as the SQL has parameters, and runs the statement to its
  // end. After an exception (Poco's own, or what onRow threw) the object must be thrown away.
  void run(std::initializer_list<Value> values, const OnRow& on_row);

 private:
  class Parameters;
  class Rows;
  class Compiled;

  // The statement owns both; they live as long as it does.
  Parameters* parameters_;
  Rows* rows_;
  Poco::Data::Statement statement_;
};

}  // namespace vx11::store
