from marketing_platform.core.support_code import LETTERS, support_code, support_code_read


def test_a_request_has_one_code_that_can_be_read_out() -> None:
    code = support_code("0f0e0d0c")
    assert code == support_code("0f0e0d0c")
    assert len(code) == 9
    assert code[4] == "-"
    assert set(code) <= {*LETTERS, "-"}
    assert not set(LETTERS) & set("01ILOU")


def test_many_requests_have_different_codes() -> None:
    assert len({support_code(str(number)) for number in range(20_000)}) == 20_000


def test_what_is_typed_is_read_as_it_is_kept() -> None:
    code = support_code("x")
    typed = f" {code.lower().replace('-', ' ')} "
    assert support_code_read(typed) == code
    assert support_code_read("abc") == ""
