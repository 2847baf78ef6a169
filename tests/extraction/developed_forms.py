"""What the wording of requests was developed with; `forms` has what is tested.

More kinds of values (dates, enums, what may be left out), and texts that say less to the letter.
"""

from datetime import date
from enum import Enum
from typing import Literal

from pydantic import BaseModel, Field


class Level(str, Enum):
    """How much somebody is to know already."""

    junior = "junior"
    senior = "senior"
    lead = "lead"


class Job(BaseModel):
    """A job advertisement."""

    title: str
    company: str
    salary: int = Field(description="A year, in dollars.")
    remote: bool
    level: Level
    skills: list[str]


class Invoice(BaseModel):
    """An invoice."""

    number: str
    issued: date
    total: float
    paid: bool
    currency: Literal["EUR", "USD", "GBP"]
    items: list[str]


class Concert(BaseModel):
    """A concert."""

    artist: str
    venue: str
    day: date
    tickets: int = Field(description="How many tickets were sold.")
    sold_out: bool
    encore: str | None = Field(None, description="The song of the encore, if there was one.")


class Patient(BaseModel):
    """A patient."""

    name: str
    age: int
    weight: float
    diabetic: bool
    blood_group: Literal["A", "B", "AB", "0"]
    allergies: list[str]


class Movie(BaseModel):
    """A movie."""

    title: str
    director: str
    year: int
    rating: float
    genre: Literal["comedy", "drama", "thriller"]
    actors: list[str]


class Order(BaseModel):
    """An order."""

    customer: str
    quantity: int
    price: float = Field(description="Of one piece.")
    gift: bool = Field(description="Whether it is a gift.")
    shipping: Literal["standard", "express"]
    note: str | None = None


class City(BaseModel):
    """A city."""

    name: str
    population: int
    area: float = Field(description="In square kilometres.")
    capital: bool
    climate: Literal["tropical", "dry", "temperate", "cold"]
    rivers: list[str]


class Ticket(BaseModel):
    """A ticket of a help desk."""

    reporter: str
    product: str
    affected: int = Field(description="How many users are affected.")
    reproducible: bool
    priority: Literal["low", "medium", "high"]
    steps: list[str]


class Course(BaseModel):
    """A course."""

    title: str
    teacher: str
    starts: date
    hours: float = Field(description="Hours a week.")
    online: bool
    topics: list[str]


class Pet(BaseModel):
    """A pet."""

    name: str
    species: Literal["dog", "cat", "rabbit"]
    age: float = Field(description="In years.")
    vaccinated: bool
    house_trained: bool
    likes: list[str]


class Experiment(BaseModel):
    """A run of a machine-learning experiment."""

    model: str
    epochs: int
    learning_rate: float
    converged: bool
    optimizer: Literal["sgd", "adam", "rmsprop"]
    datasets: list[str]


class Trip(BaseModel):
    """A trip."""

    traveller: str
    destination: str
    nights: int
    cost: float
    insured: bool = Field(description="Whether the traveller is insured.")
    companions: list[str]


class Quake(BaseModel):
    """An earthquake."""

    place: str
    magnitude: float
    depth_km: int
    tsunami: bool = Field(description="Whether there was a tsunami.")
    damage: Literal["none", "light", "severe"]
    countries: list[str] = Field(description="Where it was felt.")
