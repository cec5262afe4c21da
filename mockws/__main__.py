"""`python -m mockws` is `mockws`."""

from mockws.cli.main import main

if __name__ == "__main__":
    main()
