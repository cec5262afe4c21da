"""Where the mock may call: one way to read a URL, exact names, and addresses that are refused whatever their name."""

import pytest

from mockws.callback import Destination, destination_of, is_refused, named_host, refusal


@pytest.mark.parametrize(
    ("url", "read"),
    [
        ("http://Hooks.example/a?b=1#c", Destination("http", "hooks.example", 80, "/a?b=1")),
        ("https://hooks:9000", Destination("https", "hooks", 9000, "/")),
        ("HTTP://[::1]:9000/x", Destination("http", "::1", 9000, "/x")),
        ("http://h?a=b", Destination("http", "h", 80, "/?a=b")),
        ("http://h/a b/\r\nx: y/é%20\\", Destination("http", "h", 80, "/a%20b/%0D%0Ax:%20y/%C3%A9%20%5C")),
    ],
)
def test_url_names_a_destination(url: str, read: Destination) -> None:
    assert destination_of(url) == read


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hooks/a",
        "//hooks/a",
        "ftp://hooks/",
        "http://user:secret@hooks/",
        "http://hooks\\@other/",
        "http://hooks:99999/",
        "http://hooks:0/",
        "http://hö/",
        "http://[::g]/",
        "http:// hooks/",
        "http://{host}/",
    ],
)
def test_what_cannot_be_called_is_no_url(url: str) -> None:
    with pytest.raises(ValueError, match=r"URL|port|4 parts|group"):
        destination_of(url)


@pytest.mark.parametrize("text", ["http://h", "*.example", "h/", "h:x", "h:70000", "::1", "", "a b"])
def test_a_host_is_named_exactly(text: str) -> None:
    with pytest.raises(ValueError, match=r"host|port"):
        named_host(text)


@pytest.mark.parametrize(
    ("allowed", "url", "may"),
    [
        ("hooks", "http://hooks:9000/", True),
        ("hooks:9000", "http://HOOKS:9000/", True),
        ("hooks:9000", "http://hooks/", False),
        ("hooks:80", "http://hooks/", True),
        ("hooks", "http://hooks.evil/", False),
        ("hooks", "http://sub.hooks/", False),
        ("[::1]:9000", "http://[0:0::1]:9000/", True),
        ("127.0.0.1", "http://127.0.0.1:1/", True),
        ("169.254.169.254", "http://169.254.169.254/", False),
    ],
)
def test_only_what_is_named_is_called(allowed: str, url: str, may: bool) -> None:
    assert (refusal([allowed], destination_of(url)) == "") is may


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "fe80::1",
        "fe80::1%eth0",
        "::ffff:169.254.1.1",
        "::169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "2002:a9fe:a9fe::1",
        "100.100.100.200",
        "168.63.129.16",
        "fd00:ec2::254",
        "0.0.0.0",
        "::",
        "224.0.0.1",
        "ff02::1",
        "255.255.255.255",
    ],
)
def test_some_addresses_are_never_called(address: str) -> None:
    assert is_refused(address)


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "10.0.0.1", "192.168.1.1", "93.184.216.34", "fd00::1"])
def test_others_are_called_where_they_are_named(address: str) -> None:
    assert not is_refused(address)
