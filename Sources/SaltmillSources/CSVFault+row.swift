import SaltmillBytes

extension CSVFault {
    /// The fault as a row's, for the reject file.
    func rowFault(maximumLength: Int) -> RowFault {
        switch self {
        case .textBehindQuote:
            RowFault("csv.quote", "text follows a closing quote; inside a quoted cell write each quote twice")
        case .quoteInsideCell:
            RowFault("csv.quote", "a quote stands inside an unquoted cell; put the whole cell in quotes and write its quotes twice")
        case .unterminatedQuote:
            RowFault("csv.quote", "a quote that is opened in this record is never closed; close it")
        case .tooLong(inQuotes: true):
            RowFault("csv.length", "the record does not end within \(maximumLength) bytes; a closing quote is probably missing")
        case .tooLong(inQuotes: false):
            RowFault("csv.length", "the record is longer than \(maximumLength) bytes, of which only the first are kept; shorten it")
        }
    }
}
