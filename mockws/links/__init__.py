"""Other mouths and hands: document files, and watching them."""
