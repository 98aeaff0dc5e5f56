"""The page: thin over the API. Each tab is a file; `page.serve` puts them together."""
