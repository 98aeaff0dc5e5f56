"""The web page over the API. Each tab is a file; `page.serve` combines them."""
